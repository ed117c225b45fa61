dvsync_unit_test(config_test
  SOURCES
    unit/config/console_test.cpp
    unit/config/credential_files_test.cpp
    unit/config/diagnostic_test.cpp
    unit/config/directory_test.cpp
    unit/config/environments_test.cpp
    unit/config/licenses_test.cpp
    unit/config/loading_test.cpp
    unit/config/masking_test.cpp
    unit/config/notify_test.cpp
    unit/config/robustness_test.cpp
    unit/config/roles_test.cpp
    unit/config/sample_form_test.cpp
    unit/config/sample_test.cpp
    unit/config/settings_test.cpp
    unit/config/suggestion_test.cpp
  LIBRARIES dvsync_config)
# Some of what is tested has no public header.
target_include_directories(config_test PRIVATE ${PROJECT_SOURCE_DIR}/src/config)
target_compile_definitions(config_test PRIVATE DVSYNC_SAMPLE_CONFIGURATION="${PROJECT_SOURCE_DIR}/config/dvsync.yaml")
