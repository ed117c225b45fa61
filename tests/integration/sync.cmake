# The sync against databases, below the binary.
dvsync_unit_test(sync_integration_test
  SOURCES
    integration/store/postgres_server.cpp
    integration/sync/candidates_test.cpp
    integration/sync/mirror_answers_test.cpp
  LIBRARIES dvsync_sync)
target_include_directories(sync_integration_test PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests/integration/store)
set_tests_properties(sync_integration_test PROPERTIES TIMEOUT 600)
