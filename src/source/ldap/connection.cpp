#include "connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "failure.hpp"

namespace dvsync::source::ldap {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds wait_slice{200};  // how long a request to stop may go unnoticed
// One entry is one message: a group of a million members fits in.
constexpr ber_len_t longest_message = ber_len_t{128} << 20U;
// Debian's bundle; libldap over GnuTLS trusts nobody unless told.
constexpr const char* system_certificates = "/etc/ssl/certs/ca-certificates.crt";

std::string certificates_of(const config::LdapDirectory& directory) {
  return directory.ca_file ? directory.ca_file->string() : system_certificates;
}

timeval as_timeval(milliseconds duration) {
  return {.tv_sec = static_cast<time_t>(duration.count() / 1000),
          .tv_usec = static_cast<suseconds_t>(duration.count() % 1000 * 1000)};
}

void set_option(LDAP* handle, int option, const void* value, std::string_view what) {
  if (ldap_set_option(handle, option, value) != LDAP_OPT_SUCCESS) {
    throw malformed(fmt::format("libldap does not accept {}", what));
  }
}

void set_number(LDAP* handle, int option, int value) { set_option(handle, option, &value, "a limit"); }

// Owns the pointers that libldap wants for a list of controls.
class ControlList {
 public:
  explicit ControlList(const std::vector<Control>& controls) {
    controls_.reserve(controls.size());
    for (const Control& control : controls) {
      controls_.push_back({.ldctl_oid = const_cast<char*>(control.oid.c_str()),  // NOLINT: the C API takes no const
                           .ldctl_value = control.has_value ? as_berval(control.value) : berval{},
                           .ldctl_iscritical = static_cast<char>(control.critical ? 1 : 0)});
    }
    for (LDAPControl& control : controls_) pointers_.push_back(&control);
    pointers_.push_back(nullptr);
  }
  LDAPControl** get() { return pointers_.data(); }

 private:
  std::vector<LDAPControl> controls_;
  std::vector<LDAPControl*> pointers_;
};

// GnuTLS tells libldap no more than this when it does not accept a certificate.
bool about_certificates(std::string_view diagnostic) {
  return diagnostic == "(unknown error code)" || diagnostic.find("ertificate") != std::string_view::npos;
}

CertificateError certificate_fault(const std::string& url, const config::LdapDirectory& directory) {
  return CertificateError(
      fmt::format("the certificate of {} is not accepted: it is not signed by an authority in {}, has expired, or does "
                  "not hold the name in "
                  "the address (openssl s_client shows it); check ca_file and `urls`",
                  url, certificates_of(directory)));
}

void set_tls_options(LDAP* handle, const config::LdapDirectory& directory) {
  const std::string certificates = certificates_of(directory);
  set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, certificates.c_str(), "ca_file");
  set_number(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_HARD);
  set_number(handle, LDAP_OPT_X_TLS_PROTOCOL_MIN, LDAP_OPT_X_TLS_PROTOCOL_TLS1_2);
  const int for_client = 0;
  if (ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &for_client) != LDAP_OPT_SUCCESS) {
    throw CertificateError(fmt::format("the certificates in {} cannot be read; check ca_file", certificates));
  }
}

}  // namespace

Connection::Connection(const config::LdapDirectory& directory, std::string url, const LdapLimits& limits,
                       std::stop_token stop)
    : url_(std::move(url)), limits_(limits) {
  if (ldap_initialize(&handle_, url_.c_str()) != LDAP_SUCCESS) {
    throw malformed(fmt::format("{} is not an LDAP address; write ldaps://host or ldap://host", url_));
  }
  try {
    set_options(directory);
    if (const int code = ldap_connect(handle_); code != LDAP_SUCCESS) {
      const Result result = local_result(code);
      if (about_certificates(result.diagnostic)) throw certificate_fault(url_, directory);
      throw failure(result, fmt::format("connecting to {}", url_));
    }
    if (directory.start_tls) start_tls(directory);
    log_in(directory, stop);
  } catch (...) {
    ldap_unbind_ext(handle_, nullptr, nullptr);
    throw;
  }
}

Connection::~Connection() { ldap_unbind_ext(handle_, nullptr, nullptr); }

void Connection::set_options(const config::LdapDirectory& directory) {
  set_number(handle_, LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3);
  set_number(handle_, LDAP_OPT_DEREF, LDAP_DEREF_NEVER);
  set_option(handle_, LDAP_OPT_REFERRALS, LDAP_OPT_OFF, "referrals off");
  const timeval connect_limit = as_timeval(limits_.connect);
  set_option(handle_, LDAP_OPT_NETWORK_TIMEOUT, &connect_limit, "the connection limit");
  set_option(handle_, LDAP_OPT_TIMEOUT, &connect_limit, "the operation limit");
  set_number(handle_, LDAP_OPT_X_KEEPALIVE_IDLE, 30);
  set_number(handle_, LDAP_OPT_X_KEEPALIVE_INTERVAL, 10);
  set_number(handle_, LDAP_OPT_X_KEEPALIVE_PROBES, 3);
  Sockbuf* wire = nullptr;
  ber_len_t longest = longest_message;
  if (ldap_get_option(handle_, LDAP_OPT_SOCKBUF, &wire) != LDAP_OPT_SUCCESS || wire == nullptr ||
      ber_sockbuf_ctrl(wire, LBER_SB_OPT_SET_MAX_INCOMING, &longest) < 0) {
    throw malformed("libldap does not accept a limit on the length of messages");
  }
  if (directory.start_tls || url_.starts_with("ldaps:")) set_tls_options(handle_, directory);
}

void Connection::start_tls(const config::LdapDirectory& directory) {
  const int code = ldap_start_tls_s(handle_, nullptr, nullptr);
  if (code == LDAP_SUCCESS) return;
  const Result result = local_result(code);
  if (about_certificates(result.diagnostic)) throw certificate_fault(url_, directory);
  throw failure(result, fmt::format("StartTLS with {}", url_));
}

Result Connection::local_result(int code) const {
  Result result{.code = code, .diagnostic = {}, .controls = {}};
  char* text = nullptr;
  if (ldap_get_option(handle_, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text) == LDAP_OPT_SUCCESS && text != nullptr) {
    result.diagnostic = text;
    ldap_memfree(text);
  }
  return result;
}

int Connection::send(const SearchRequest& request) {
  std::vector<char*> attributes;
  for (const std::string& name : request.attributes) {
    attributes.push_back(const_cast<char*>(name.c_str()));  // NOLINT: the C API takes no const
  }
  attributes.push_back(nullptr);
  ControlList controls(request.controls);
  int operation = 0;
  const int code = ldap_search_ext(handle_, request.base.c_str(), request.scope, request.filter.c_str(),
                                   attributes.data(), 0, controls.get(), nullptr, nullptr, LDAP_NO_LIMIT, &operation);
  if (code == LDAP_FILTER_ERROR) {
    throw malformed(fmt::format("the filter {} cannot be parsed; check user_filter", request.filter));
  }
  if (code != LDAP_SUCCESS) throw failure(local_result(code), fmt::format("asking {}", url_));
  return operation;
}

MessagePtr Connection::receive(int operation, const std::stop_token& stop) {
  const auto deadline = Clock::now() + limits_.answer;
  while (true) {
    if (stop.stop_requested()) {
      abandon(operation);
      throw Interrupted();
    }
    timeval slice = as_timeval(std::min(wait_slice, limits_.answer));
    LDAPMessage* message = nullptr;
    const int type = ldap_result(handle_, operation, LDAP_MSG_ONE, &slice, &message);
    if (type > 0) return MessagePtr(message);
    if (type < 0) {
      int code = LDAP_SERVER_DOWN;
      ldap_get_option(handle_, LDAP_OPT_RESULT_CODE, &code);
      throw failure(local_result(code), fmt::format("reading from {}", url_));
    }
    if (Clock::now() >= deadline) {
      abandon(operation);
      throw SourceError(SourceError::Kind::unavailable, fmt::format("{} has not answered in time", url_));
    }
  }
}

Result Connection::result_of(LDAPMessage* message) const {
  Result result;
  char* diagnostic = nullptr;
  LDAPControl** controls = nullptr;
  const int parsed = ldap_parse_result(handle_, message, &result.code, nullptr, &diagnostic, nullptr, &controls, 0);
  if (parsed != LDAP_SUCCESS) throw malformed(fmt::format("{} sent a result that cannot be decoded", url_));
  if (diagnostic != nullptr) {
    result.diagnostic = diagnostic;
    ldap_memfree(diagnostic);
  }
  result.controls = take_controls(controls);
  return result;
}

std::unique_ptr<Connection> connect(const config::LdapDirectory& directory, const std::vector<std::string>& urls,
                                    const LdapLimits& limits, const std::stop_token& stop) {
  if (const std::string fault = transport_fault(directory); !fault.empty()) {
    throw SourceError(SourceError::Kind::denied, fault);
  }
  std::string faults;
  SourceError::Kind kind = SourceError::Kind::denied;
  for (const std::string& url : urls) {
    try {
      return std::make_unique<Connection>(directory, url, limits, stop);
    } catch (const CertificateError& error) {
      faults += fmt::format("{}{}", faults.empty() ? "" : "; ", error.what());
    } catch (const SourceError& error) {
      if (error.kind() != SourceError::Kind::unavailable) throw;
      kind = SourceError::Kind::unavailable;
      faults += fmt::format("{}{}", faults.empty() ? "" : "; ", error.what());
    }
  }
  throw SourceError(kind, fmt::format("no directory server can be used: {}", faults));
}

}  // namespace dvsync::source::ldap
