#include "dvsync/cli/program.hpp"

int main(int argc, char** argv) { return dvsync::cli::run_program(argc, argv); }
