# The Graph source against the simulator: a real HTTPS server in a process of its own.
find_program(NODE NAMES node nodejs)
if(NOT NODE)
  message(WARNING "Node.js not found: graph_test will fail; install the package nodejs")
  set(NODE node)
endif()

add_executable(graph_test
  integration/graph/authentication_test.cpp
  integration/graph/check_test.cpp
  integration/graph/conformance_test.cpp
  integration/graph/failure_table_test.cpp
  integration/graph/graph_test.cpp
  integration/graph/look_up_test.cpp
  integration/graph/membership_round_test.cpp
  support/mirror_model.cpp
  integration/graph/model_test.cpp
  integration/graph/parts_test.cpp
  integration/graph/simulator.cpp
  integration/graph/throttling_test.cpp
  integration/graph/transport_test.cpp
  integration/graph/user_reading_test.cpp
  integration/graph/user_round_test.cpp)
target_link_libraries(graph_test PRIVATE dvsync_settings dvsync_source_graph dvsync_source CURL::libcurl OpenSSL::Crypto
  GTest::gmock_main)
target_include_directories(graph_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(graph_test PRIVATE
  NODE_PROGRAM="${NODE}" GRAPH_SIMULATOR="${CMAKE_CURRENT_SOURCE_DIR}/graph_simulator")
add_test(NAME graph_test COMMAND graph_test)
set_tests_properties(graph_test PROPERTIES LABELS integration)

# Microsoft's JavaScript client against the simulator; scripts/test runs `npm ci` in graph_simulator before.
add_test(NAME graph_simulator_conformance COMMAND ${NODE} ${CMAKE_CURRENT_SOURCE_DIR}/graph_simulator/conformance.js)
set_tests_properties(graph_simulator_conformance PROPERTIES LABELS integration)
set_tests_properties(graph_simulator_conformance PROPERTIES SKIP_RETURN_CODE 77)

dvsync_system_test(graph_rows_test)
set_tests_properties(graph_rows_test PROPERTIES TIMEOUT 1800)
dvsync_system_test(graph_door_test)
