dvsync_unit_test(console_http_test
  SOURCES
    unit/console/access_test.cpp
    unit/console/page_test.cpp
    unit/console/probes_test.cpp
    unit/console/recent_answers_test.cpp
    unit/console/server_test.cpp
  LIBRARIES dvsync_console_http)
# Nothing of it is public but the whole.
target_include_directories(console_http_test PRIVATE ${PROJECT_SOURCE_DIR}/src/console)
