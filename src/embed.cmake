# Files that are built into the program, so that the program and what it is delivered with cannot drift apart.

# Sets `variable` to the file's text as a C++ string literal.
function(embed_text variable file)
  file(READ ${file} text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(${variable} "R\"embedded(${text})embedded\"" PARENT_SCOPE)
endfunction()
