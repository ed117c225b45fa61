# Fails when core includes anything but the standard library, core itself and the result type.
# cmake -D SOURCE_DIR=<project> -P core_layering.cmake
file(GLOB_RECURSE files "${SOURCE_DIR}/src/core/*.?pp" "${SOURCE_DIR}/include/dvsync/core/*.hpp")
if(NOT files)
  message(FATAL_ERROR "no source of core found below ${SOURCE_DIR}")
endif()

set(foreign "")
foreach(path IN LISTS files)
  file(STRINGS "${path}" includes REGEX "^[ \t]*#[ \t]*include")
  foreach(line IN LISTS includes)
    if(NOT line MATCHES "^[ \t]*#[ \t]*include[ \t]*(<[a-z_0-9]+>|\"dvsync/(core/[a-z_0-9]+|result)\\.hpp\"|\"[a-z_0-9]+\\.hpp\")")
      file(RELATIVE_PATH name "${SOURCE_DIR}" "${path}")
      string(APPEND foreign "\n  ${name}: ${line}")
    endif()
  endforeach()
endforeach()

if(foreign)
  message(FATAL_ERROR "core includes the standard library, dvsync/core and dvsync/result.hpp only:${foreign}")
endif()
