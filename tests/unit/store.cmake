dvsync_unit_test(store_test
  SOURCES
    unit/store/conninfo_test.cpp
    unit/store/copied_rows_test.cpp
    unit/store/copy_lines_test.cpp
    unit/store/new_guid_test.cpp
    unit/store/preflight_test.cpp
    unit/store/sql_statements_test.cpp
  LIBRARIES dvsync_store)
target_include_directories(store_test PRIVATE ${PROJECT_SOURCE_DIR}/src/store)
