dvsync_unit_test(core_test
  SOURCES
    unit/core/access_mode_test.cpp
    unit/core/counters_test.cpp
    unit/core/eligibility_test.cpp
    unit/core/field_mapping_test.cpp
    unit/core/group_teams_test.cpp
    unit/core/guard_test.cpp
    unit/core/guid_test.cpp
    unit/core/names_test.cpp
    unit/core/plan_properties_test.cpp
    unit/core/rejection_test.cpp
    unit/core/row_type_test.cpp
    unit/core/security_roles_test.cpp
    unit/core/text_test.cpp
    unit/core/timestamp_test.cpp
    unit/core/transitions_test.cpp
    unit/core/worked_rows_test.cpp
  LIBRARIES dvsync_core)
target_include_directories(core_test PRIVATE ${PROJECT_SOURCE_DIR}/src/core)

dvsync_unit_test(core_allocation_test
  SOURCES unit/core/plan_allocation_test.cpp
  LIBRARIES dvsync_core)
