# The store below the binary, against a PostgreSQL that the test starts in a temporary folder.
dvsync_unit_test(store_integration_test
  SOURCES
    integration/store/postgres_server.cpp
    integration/store/session_test.cpp
    integration/store/copy_test.cpp
    integration/store/mirror_test.cpp
    integration/store/memberships_test.cpp
    integration/store/derived_facts_test.cpp
    integration/store/batch_test.cpp
    integration/store/roles_test.cpp
    integration/store/group_teams_test.cpp
  LIBRARIES dvsync_store)
set_tests_properties(store_integration_test PROPERTIES TIMEOUT 600)
