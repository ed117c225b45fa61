# The LDAP source against real servers: slapd, Samba as a domain controller, and a scripted server for what these two
# cannot show. Each starts what it needs in a temporary folder and ends it.
set(ldap_support
  support/mirror_model.cpp
  integration/ldap/server_process.cpp)
set(ldap_source_root ${CMAKE_CURRENT_LIST_DIR}/../../src)

dvsync_unit_test(ldap_values_test
  SOURCES integration/ldap/values_test.cpp
  LIBRARIES dvsync_source_ldap PkgConfig::LDAP)
target_include_directories(ldap_values_test PRIVATE ${ldap_source_root})

dvsync_unit_test(ldap_scripted_test
  SOURCES integration/ldap/scripted_test.cpp integration/ldap/scripted_server.cpp ${ldap_support}
  LIBRARIES dvsync_source_ldap PkgConfig::LDAP)

dvsync_unit_test(openldap_test
  SOURCES integration/ldap/openldap_test.cpp integration/ldap/slapd_server.cpp ${ldap_support}
  LIBRARIES dvsync_source_ldap)

dvsync_unit_test(openldap_failures_test
  SOURCES integration/ldap/openldap_failures_test.cpp integration/ldap/slapd_server.cpp ${ldap_support}
  LIBRARIES dvsync_source_ldap)

dvsync_unit_test(openldap_tree_test
  SOURCES integration/ldap/openldap_tree_test.cpp integration/ldap/slapd_server.cpp ${ldap_support}
  LIBRARIES dvsync_source_ldap)

# In a network namespace of its own, because a domain controller's ports are fixed; skipped where none can be made.
dvsync_unit_test(active_directory_test
  SOURCES integration/ldap/active_directory_test.cpp integration/ldap/samba_server.cpp ${ldap_support}
  LIBRARIES dvsync_source_ldap)
target_compile_definitions(active_directory_test PRIVATE
  DVSYNC_PROVISION_DOMAIN="${CMAKE_CURRENT_LIST_DIR}/ldap/provision_domain.py")
target_include_directories(active_directory_test PRIVATE ${ldap_source_root})
set_tests_properties(active_directory_test PROPERTIES TIMEOUT 900)

dvsync_system_test(openldap_rows_test)
dvsync_system_test(active_directory_rows_test)
set_tests_properties(active_directory_rows_test PROPERTIES SKIP_RETURN_CODE 77)
# Some sixty runs of the real binary each, next to other tests on two cores.
set_tests_properties(openldap_rows_test active_directory_rows_test PROPERTIES TIMEOUT 1800)
