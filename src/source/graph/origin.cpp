#include "source/graph/origin.hpp"

#include <algorithm>
#include <boost/url.hpp>
#include <cctype>

#include "dvsync/error.hpp"

namespace dvsync::source::graph {
namespace {

std::string lower(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return folded;
}

std::string port_of(const boost::urls::url_view& url) { return url.has_port() ? std::string(url.port()) : "443"; }

bool is_https(const boost::urls::url_view& url) {
  return lower(std::string_view(url.scheme().data(), url.scheme().size())) == "https";
}

std::string host_of(const boost::urls::url_view& url) { return lower(url.host()); }

}  // namespace

Origin::Origin(const std::string& root) : root_(root) {
  while (!root_.empty() && root_.back() == '/') {
    root_.pop_back();
  }
  const auto url = boost::urls::parse_uri(root_);
  if (!url || !is_https(*url) || url->has_userinfo() || url->host().empty()) {
    throw SourceError(SourceError::Kind::malformed, "directory.graph_root is not an https URL");
  }
  host_ = host_of(*url);
  port_ = port_of(*url);
}

bool Origin::owns(std::string_view link) const {
  const auto url = boost::urls::parse_uri({link.data(), link.size()});
  return url && is_https(*url) && !url->has_userinfo() && host_of(*url) == host_ && port_of(*url) == port_;
}

void Origin::demand(std::string_view link, const std::string& where) const {
  if (!owns(link)) {
    throw SourceError(SourceError::Kind::malformed,
                      where + ": security: Microsoft Graph sent a link to somewhere other than " + host_ +
                          "; it was not followed and no token was sent there. Find out who answers for " + host_ +
                          " here (proxy, DNS) before the next run");
  }
}

bool has_query_option(std::string_view link, std::string_view option) {
  const auto url = boost::urls::parse_uri({link.data(), link.size()});
  if (!url) {
    return false;
  }
  const auto options = url->params();
  return std::any_of(options.begin(), options.end(), [&](const auto& each) { return lower(each.key) == option; });
}

std::string percent_encoded(std::string_view text) {
  return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

}  // namespace dvsync::source::graph
