dvsync_unit_test(service_test
  SOURCES
    unit/service/alarms_test.cpp
    unit/service/daemon_test.cpp
    unit/service/delivery_test.cpp
    unit/service/failure_test.cpp
    unit/service/health_test.cpp
    unit/service/message_text_test.cpp
    unit/service/metrics_test.cpp
    unit/service/recent_questions_test.cpp
    unit/service/run_reporter_test.cpp
    unit/service/run_scheduler_test.cpp
  LIBRARIES dvsync_daemon Boost::json)
# The scheduler has no public header.
target_include_directories(service_test PRIVATE unit/service ${PROJECT_SOURCE_DIR}/src/service)
