// The files of the operator's page: what is answered, and what a browser is told about them.

#include "page.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace dvsync::console {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<PageFile> files{
    {"index.html", "text/html; charset=utf-8", "<!doctype html>", "0123456789abcdef0123"},
    {"page-AB12.js", "text/javascript; charset=utf-8", "run()", "ffff"},
};

std::string header_of(const Answer& answer, std::string_view name) {
  const auto found = std::ranges::find(answer.headers, name, [](const auto& header) { return header.first; });
  return found == answer.headers.end() ? "" : found->second;
}

Answer answer_to(const std::string& target, const std::vector<std::pair<std::string, std::string>>& headers = {}) {
  Request request{.headers = headers};
  EXPECT_TRUE(read_target(target, request));
  return page_answer(request, files).value_or(plain_text(599, "not the page's"));
}

TEST(Page, TheIndexLetsOnlyItsOwnFilesIn) {
  const auto index = answer_to("/");
  EXPECT_EQ(index.status, 200U);
  EXPECT_EQ(index.body, "<!doctype html>");
  EXPECT_EQ(index.type, "text/html; charset=utf-8");
  const auto policy = header_of(index, "Content-Security-Policy");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("script-src 'self';"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_EQ(header_of(index, "Cache-Control"), "no-cache");
}

TEST(Page, AnIndexThatIsKnownIsNotSentAgain) {
  const auto tag = header_of(answer_to("/"), "ETag");
  EXPECT_EQ(tag, "\"0123456789abcdef\"");
  const auto known = answer_to("/", {{"If-None-Match", tag}});
  EXPECT_EQ(known.status, 304U);
  EXPECT_EQ(known.body, "");
  EXPECT_EQ(header_of(known, "ETag"), tag);
  EXPECT_EQ(answer_to("/", {{"If-None-Match", "\"another\""}}).status, 200U);
}

TEST(Page, AssetsAreKeptForEver) {
  const auto asset = answer_to("/assets/page-AB12.js");
  EXPECT_EQ(asset.body, "run()");
  EXPECT_EQ(asset.type, "text/javascript; charset=utf-8");
  EXPECT_THAT(header_of(asset, "Cache-Control"), HasSubstr("immutable"));
}

TEST(Page, NothingElseIsThere) {
  for (const auto* path : {"/assets/page.js", "/assets/index.html", "/assets/", "/assets/..%2Findex.html"}) {
    EXPECT_THAT(answer_to(path).status, testing::AnyOf(404U, 599U)) << path;
  }
  for (const auto* path : {"/index.html", "/assets", "/assets/a/b", "/metrics", "/api/v1/status"}) {
    EXPECT_EQ(answer_to(path).status, 599U) << path;
  }
}

TEST(Page, ItIsOnlyRead) {
  EXPECT_EQ(page_answer(Request{.method = "POST"}, files)->status, 405U);
  EXPECT_EQ(page_answer(Request{.method = "HEAD"}, files)->status, 200U);
}

TEST(Page, AProgramWithoutItSaysSo) {
  const auto index = page_answer(Request{}, {});
  EXPECT_EQ(index->status, 404U);
  EXPECT_THAT(index->body, HasSubstr("built without"));
}

TEST(Page, WhatIsBuiltInIsWhole) {
  const auto& built_in = page_files();
  if (built_in.empty()) GTEST_SKIP() << "this program was built without the page";
  const auto index = page_answer(Request{});
  for (const auto& file : built_in) {
    if (file.name == "index.html") continue;
    EXPECT_THAT(index->body, HasSubstr("\"assets/" + std::string(file.name) + "\""));
  }
  EXPECT_THAT(index->body, Not(HasSubstr("<style")));
  EXPECT_THAT(index->body, Not(HasSubstr("://"))) << "nothing comes from elsewhere";
}

}  // namespace
}  // namespace dvsync::console
