dvsync_unit_test(cli_test
  SOURCES
    unit/cli/answers_test.cpp
    unit/cli/diagnosis_test.cpp
    unit/cli/errors_test.cpp
    unit/cli/explanation_test.cpp
    unit/cli/help_test.cpp
    unit/cli/log_test.cpp
    unit/cli/plan_test.cpp
    unit/cli/progress_test.cpp
    unit/cli/reasons_test.cpp
    unit/cli/saved_plan_test.cpp
    unit/cli/since_test.cpp
    unit/cli/status_test.cpp
    unit/cli/summary_test.cpp
    unit/cli/table_test.cpp
    unit/cli/usage_test.cpp
    unit/cli/user_list_input_test.cpp
    unit/cli/words_test.cpp
  LIBRARIES dvsync_cli CLI11::CLI11 Boost::json)
# The commands' parts have no public headers.
target_include_directories(cli_test PRIVATE ${PROJECT_SOURCE_DIR}/src/cli)
# Whoever runs the tests may have any locale; what is said on a terminal is compared with its characters.
set_tests_properties(cli_test PROPERTIES ENVIRONMENT "LC_ALL=C.UTF-8")
