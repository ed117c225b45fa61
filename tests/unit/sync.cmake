# No database: what the planner asks is answered by hand.
dvsync_unit_test(sync_unit_test
  SOURCES
    unit/sync/executor_test.cpp
    unit/sync/guard_ledger_test.cpp
    unit/sync/plan_check_test.cpp
    unit/sync/planner_test.cpp
    unit/sync/undone_row_test.cpp
  LIBRARIES dvsync_sync)
target_include_directories(sync_unit_test PRIVATE ${PROJECT_SOURCE_DIR}/src)
