dvsync_unit_test(service_test
  SOURCES
    unit/service/agenda_test.cpp
    unit/service/daemon_test.cpp
    unit/service/failure_test.cpp
    unit/service/health_test.cpp
    unit/service/metrics_test.cpp
    unit/service/run_reporter_test.cpp
  LIBRARIES dvsync_daemon)
target_include_directories(service_test PRIVATE unit/service)
