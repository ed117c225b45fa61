// What a client sends to the console, as the bytes of a connection: requests are read within the server's limits, the
// same in whatever pieces they come, and answered by all that the daemon answers with, which has no database here.
// Nobody acts or looks who may not, one request gets one answer, and no path leads out of the page's files.
//
// The first byte chooses who sends it, and {token} stands for what this client would have to send back with an act.

#include <algorithm>
#include <array>
#include <boost/beast/core.hpp>
#include <boost/json.hpp>
#include <csignal>
#include <sstream>

#include "console/digest.hpp"
#include "console/page.hpp"
#include "console/site.hpp"
#include "console/wire.hpp"
#include "input_file.hpp"

namespace {

using namespace dvsync;
using namespace dvsync::console;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr Limits limits{.header_bytes = 1024, .body_bytes = 512};
constexpr uid_t proxy = 3'000'000;
constexpr const char* trusted_header = "X-Remote-User";
constexpr uid_t stranger = proxy + 1;
constexpr const char* look = "Bearer dvsync_look";
constexpr const char* act = "Bearer dvsync_act";

const std::array<Peer, 4> peers{Peer{.user = 0}, Peer{.user = proxy}, Peer{.user = stranger},
                                Peer{.address = "192.0.2.1"}};

const std::vector<PageFile> files{{"index.html", "text/html", "<!doctype html>", "0123456789abcdef0123"},
                                  {"page-AB12.js", "text/javascript", "run()", "ffff"}};

// Gives what is sent in pieces of one size.
class Client {
 public:
  Client(std::string_view bytes, std::size_t piece) : bytes_(bytes), piece_(piece) {}

  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, error_code& error) {
    const auto size = boost::asio::buffer_copy(buffers, boost::asio::buffer(bytes_.substr(0, piece_)));
    bytes_.remove_prefix(size);
    error = size == 0 ? error_code(boost::asio::error::eof) : error_code();
    return size;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    error_code error;
    return read_some(buffers, error);
  }

 private:
  std::string_view bytes_;
  std::size_t piece_;
};

// As a connection reads them: one after the other, until one is broken or the last of it.
struct Conversation {
  std::vector<Request> requests;
  std::optional<Answer> refused;
};

Conversation read_all(std::string_view bytes, std::size_t piece, const Peer& peer) {
  Conversation all;
  Client client(bytes, piece);
  boost::beast::flat_buffer buffer(most_buffered(limits));
  while (!all.refused) {
    RequestParser parser;
    set_limits(parser, limits);
    error_code error;
    http::read(client, buffer, parser, error);
    if (error) {
      all.refused = answer_to_broken(error);
      return all;
    }
    const bool keep = parser.keep_alive();
    auto request = request_of(parser.release(), peer);
    if (!request) all.refused = names_no_path();
    if (request) all.requests.push_back(*std::move(request));
    if (!keep) return all;
  }
  return all;
}

bool same(const Request& a, const Request& b) {
  return a.method == b.method && a.path == b.path && a.query == b.query && a.headers == b.headers && a.body == b.body;
}

std::string encoded(std::string_view text) {
  std::string all;
  for (const unsigned char byte : text) all += "%" + hexadecimal(std::array{byte});
  return all;
}

// Written down again, a target means the same.
void require_round_trip(const Request& request) {
  std::string target;
  for (const auto& segment : request.path) target += "/" + encoded(segment);
  if (target.empty()) target = "/";
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    target.append(1, std::exchange(separator, '&')).append(encoded(name)).append("=").append(encoded(value));
  }
  Request again;
  REQUIRE(read_target(target, again));
  REQUIRE(again.path == request.path && again.query == request.query);
}

void require_one_answer(const Answer& answer, bool head) {
  const auto response = response_of(answer, 11, head);
  std::ostringstream wire;
  wire << response;
  http::response_parser<http::string_body> parser;
  parser.skip(head);
  parser.eager(true);
  error_code error;
  const auto text = wire.str();
  const auto used = parser.put(boost::asio::buffer(text), error);
  REQUIRE(!error && parser.is_done() && used == text.size());
  const auto& read = parser.get();
  REQUIRE(read.result_int() == answer.status && read.body() == (head ? "" : answer.body));
  REQUIRE(std::distance(read.begin(), read.end()) == std::distance(response.begin(), response.end()));
}

void require_page(const Request& request) {
  const auto answer = page_answer(request, files);
  if (!answer || answer->status != 200) return;
  REQUIRE(std::ranges::find(files, answer->body, &PageFile::text) != files.end());
}

struct Nowhere : service::Sink {
  void write(const service::Entry& entry) override {
    REQUIRE(std::ranges::none_of(entry.message, [](unsigned char c) { return c < 0x20 || c == 0x7F; }));
  }
};

config::Environment environment(const char* name, core::EnvironmentType type) {
  config::Environment made;
  made.rules.name = name;
  made.rules.type = type;
  made.schema = name;
  return made;
}

// A console whose every database is out of reach. Each input has its own: what was asked before limits nobody.
class Daemon {
 public:
  explicit Daemon(const std::filesystem::path& tokens_file) {
    config::Configuration configuration;
    configuration.database.connection = "host=/nowhere";
    configuration.environments = {environment("prod", core::EnvironmentType::production),
                                  environment("bare", core::EnvironmentType::none)};
    configuration.console = config::Console{.trusted_header = trusted_header,
                                            .trusted_peer = std::to_string(proxy),
                                            .operators = {"ana"},
                                            .tokens_file = tokens_file};
    site_.use(std::make_shared<const config::Configuration>(std::move(configuration)));
  }
  Answer answer(const Request& request) {
    auto at_once = site_.answer_at_once(request);
    return at_once ? *std::move(at_once) : site_.answer(request, {});
  }
  // Of the client that shows all it could.
  std::string forgery_token(const Peer& peer) {
    const auto told = answer(
        {.path = {"api", "v1", "session"}, .headers = {{trusted_header, "ana"}, {"Authorization", act}}, .peer = peer});
    return boost::json::parse(told.body).at("token").as_string().c_str();
  }

 private:
  service::Log log_{std::make_unique<Nowhere>()};
  service::Metrics metrics_;
  service::DaemonState state_;
  service::Progress progress_;
  Site site_{{.log = log_, .metrics = metrics_, .state = state_, .progress = progress_}};
};

// Who this request says it is, as far as anybody need believe it: 0 nobody, 1 who may look, 2 who may act.
int rank_of(const Request& request) {
  const auto& user = request.peer.user;
  const auto named = request.header(trusted_header).value_or("");
  if (user == proxy) return named.empty() ? 0 : named == "ana" ? 2 : 1;
  if (user) return user == uid_t{0} ? 2 : 1;
  const auto token = request.header("Authorization");
  return token == act ? 2 : token == look ? 1 : 0;
}

void require_answer(Daemon& daemon, const Request& request, const std::string& token) {
  const auto answer = daemon.answer(request);
  require_one_answer(answer, request.method == "HEAD");
  REQUIRE(answer.status < 500 || answer.status == 503);  // without a database
  if (request.path.size() < 3 || request.path.front() != "api") return;
  REQUIRE(answer.status >= 400 || rank_of(request) > 0);
  REQUIRE(answer.status != 202 || (request.method == "POST" && rank_of(request) == 2));
  REQUIRE(answer.status != 202 || request.header("X-Dvsync-Token") == token);
}

}  // namespace

// The console asks for a run by a signal.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  for (const int signal : {SIGUSR1, SIGUSR2}) std::signal(signal, [](int) {});
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const InputFile tokens("eva viewer " + hexadecimal(sha256("dvsync_look")) + "\nana operator " +
                                hexadecimal(sha256("dvsync_act")) + "\n");
  const auto& peer = peers[data[0] % peers.size()];
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Daemon daemon(tokens.path());
  const auto token = daemon.forgery_token(peer);
  if (const auto place = bytes.find("{token}"); place != std::string::npos) bytes.replace(place, 7, token);
  const auto whole = read_all(bytes, bytes.size(), peer);
  const auto in_pieces = read_all(bytes, 1U + (data[0] >> 2U), peer);
  REQUIRE(std::ranges::equal(whole.requests, in_pieces.requests, same));
  // What is broken may be found out at its place, or not before the client ends.
  for (const auto& refused : {whole.refused, in_pieces.refused}) {
    if (!refused) continue;
    REQUIRE(refused->status >= 400 && refused->status < 500);
    require_one_answer(*refused, false);
  }
  for (const auto& request : whole.requests) {
    require_round_trip(request);
    require_page(request);
    require_answer(daemon, request, token);
  }
  return 0;
}
