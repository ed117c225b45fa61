dvsync_unit_test(file_source_test
  SOURCES
    unit/source/distinguished_name_test.cpp
    unit/source/exported_text_test.cpp
    unit/source/file_blocks_test.cpp
    unit/source/file_csv_test.cpp
    unit/source/file_csv_words_test.cpp
    unit/source/file_encodings_test.cpp
    unit/source/file_formats_agree_test.cpp
    unit/source/file_graph_pages_test.cpp
    unit/source/file_graph_test.cpp
    unit/source/file_ldif_listing_test.cpp
    unit/source/file_ldif_test.cpp
    unit/source/file_missing_facts_test.cpp
    unit/source/file_source_test.cpp
    unit/source/file_values_test.cpp
  LIBRARIES dvsync_source)
target_include_directories(file_source_test PRIVATE ${PROJECT_SOURCE_DIR}/src)
