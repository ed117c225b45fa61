dvsync_unit_test(cli_test
  SOURCES
    unit/cli/progress_test.cpp
    unit/cli/since_test.cpp
    unit/cli/table_test.cpp
    unit/cli/words_test.cpp
  LIBRARIES dvsync_cli fmt::fmt Boost::json)
target_include_directories(cli_test PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/src/cli)
