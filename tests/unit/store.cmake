dvsync_unit_test(store_test
  SOURCES
    unit/store/copied_rows_test.cpp
    unit/store/copy_lines_test.cpp
  LIBRARIES dvsync_store)
