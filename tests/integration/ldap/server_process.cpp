#include "server_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>

namespace dvsync::source {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

[[noreturn]] void become(const std::vector<std::string>& command, int input, const std::filesystem::path& log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments.front(), arguments.data());
  _exit(127);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "dvsync-ldap-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void ServerProcess::start(const std::vector<std::string>& command, const std::filesystem::path& log) {
  const int nothing = open("/dev/null", O_RDONLY);
  pid_ = fork();
  if (pid_ == 0) {
    setpgid(0, 0);
    become(command, nothing, log);
  }
  close(nothing);
}

void ServerProcess::stop() { end(SIGTERM); }
void ServerProcess::kill_hard() { end(SIGKILL); }

bool ServerProcess::running() { return pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == 0; }

// The whole group: Samba has children of its own.
void ServerProcess::end(int signal) {
  if (pid_ <= 0) return;
  kill(-pid_, signal);
  kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  kill(-pid_, SIGKILL);
  pid_ = -1;
}

int run(const std::vector<std::string>& command, const std::string& input, const std::filesystem::path& log) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) become(command, pipe_ends[0], log);
  close(pipe_ends[0]);
  signal(SIGPIPE, SIG_IGN);
  for (std::size_t written = 0; written < input.size();) {
    const ssize_t count = write(pipe_ends[1], input.data() + written, input.size() - written);
    if (count <= 0) break;
    written += static_cast<std::size_t>(count);
  }
  close(pipe_ends[1]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

bool eventually(const std::function<bool()>& condition, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    poll(nullptr, 0, 20);
  }
  return true;
}

// Not from the range out of which the kernel serves outgoing connections: one of a neighbour's could take the port
// before the server listens on it, or while it is restarted.
int free_port() {
  static std::mt19937 random(std::random_device{}());
  std::uniform_int_distribution<int> below_the_kernels(10000, 32000);
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const int port = below_the_kernels(random);
    const int socket_ = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(port);
    const bool free = bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(socket_);
    if (free) return port;
  }
  throw std::runtime_error("no free port");
}

bool accepts_connections(int port) {
  const int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  const bool connected = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(socket_);
  return connected;
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

const std::filesystem::path& certificates() {
  static const TemporaryFolder folder;
  const std::filesystem::path& path = folder.path();
  if (exists(path / "server.pem")) return path;
  write_file(path / "extensions", "subjectAltName=IP:127.0.0.1\n");
  const std::string key = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
  const std::string script =
      "set -e; cd " + path.string() +
      "; openssl req -x509 -days 2 -subj '/CN=dvsync test authority' -keyout ca.key -out ca.pem" + key +
      "; openssl req -x509 -days 2 -subj '/CN=another authority' -keyout other.key -out other.pem" + key +
      "; openssl req -subj /CN=server -keyout server.key -out server.csr" + key +
      "; openssl x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial"
      " -extfile extensions -out server.pem"
      "; openssl x509 -req -days -1 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial"
      " -extfile extensions -out expired.pem";
  if (run({"sh", "-c", script}, "", path / "log") != 0)
    throw std::runtime_error("no certificates: " + read_file(path / "log"));
  return path;
}

}  // namespace dvsync::source
