// Byte orders, times and texts of LDAP values, by the vectors that were measured.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "source/base64.hpp"
#include "source/ldap/active_directory.hpp"
#include "source/ldap/failure.hpp"
#include "source/ldap/search.hpp"
#include "source/ldap/sync_protocol.hpp"
#include "source/ldap_values.hpp"

namespace dvsync::source::ldap {
namespace {

using testing::HasSubstr;

TEST(LdapValues, AnObjectGuidHasItsFirstFieldsReversed) {
  const auto id = guid_from_object_guid(from_base64("KpZ4FzS9u0iwSBHPd08KOQ==").value());
  ASSERT_TRUE(id);
  EXPECT_EQ(core::to_string(*id), "1778962a-bd34-48bb-b048-11cf774f0a39");
  EXPECT_EQ(to_base64(object_guid_bytes(*id)), "KpZ4FzS9u0iwSBHPd08KOQ==");
  EXPECT_EQ(escape_bytes(object_guid_bytes(*id)).substr(0, 12), "\\2a\\96\\78\\17");
  EXPECT_FALSE(guid_from_object_guid("short"));
}

TEST(LdapValues, ASyncStateCarriesTheIdInNetworkOrder) {
  const std::string control(
      "\x30\x15\x0a\x01\x01\x04\x10\x7f\xde\xe7\xb2\x7a\x37\x10\x41\x81\x45\xf3\x5e\xb9\x04\x36\x77", 23);
  const SyncState state = parse_sync_state(control);
  EXPECT_EQ(state.kind, SyncState::Kind::add);
  EXPECT_EQ(core::to_string(state.id), "7fdee7b2-7a37-1041-8145-f35eb9043677");
}

TEST(LdapValues, AUniqueIdOf389IsTheSameBytes) {
  const auto id = guid_from_unique_id("66446001-1dd211b2-8ffeee3a-3e8dbd56");
  ASSERT_TRUE(id);
  EXPECT_EQ(core::to_string(*id), "66446001-1dd2-11b2-8ffe-ee3a3e8dbd56");
  EXPECT_EQ(to_unique_id(*id), "66446001-1dd211b2-8ffeee3a-3e8dbd56");
}

TEST(LdapValues, AnExtendedNameBeginsWithTheId) {
  EXPECT_TRUE(guid_of_extended_dn("<GUID=1778962a-bd34-48bb-b048-11cf774f0a39>;<SID=S-1>;CN=a"));
  EXPECT_FALSE(guid_of_extended_dn("CN=<GUID=1778962a-bd34-48bb-b048-11cf774f0a39>"));
  EXPECT_FALSE(guid_of_extended_dn("<GUID=1778962a"));
}

TEST(LdapValues, AccountsExpireInHundredsOfNanosecondsSince1601OrNever) {
  for (const char* never : {"0", "9223372036854775807"}) {
    const auto told = account_expiry(never);
    ASSERT_TRUE(told) << never;
    EXPECT_FALSE(told->has_value()) << never;
  }
  const auto expiry = account_expiry("133485408000000000");  // 2024-01-01
  ASSERT_TRUE(expiry && *expiry);
  EXPECT_EQ((*expiry)->time_since_epoch(), std::chrono::seconds{1704067200});
  EXPECT_FALSE(account_expiry("soon"));
  EXPECT_FALSE(account_expiry(""));
}

TEST(LdapValues, ValuesInFiltersAreEscaped) {
  EXPECT_EQ(escape_filter("a*(b)\\"), "a\\2a\\28b\\29\\5c");
  EXPECT_EQ(escape_filter(std::string("\0", 1)), "\\00");
}

TEST(LdapValues, RangesOfAttributes) {
  const AttributeRange range = parse_range("member;range=0-1499");
  EXPECT_EQ(range.attribute, "member");
  EXPECT_EQ(range.first, 0);
  EXPECT_EQ(range.last, 1499);
  EXPECT_FALSE(parse_range("member;range=1500-*").last);
  EXPECT_TRUE(parse_range("member;range=1500-*").ranged);
  EXPECT_FALSE(parse_range("member").ranged);
}

// The sub-codes of result 49 (docs/sources.md, LDAP), in words.
TEST(LdapFailure, ActiveDirectorysReasonForRefusingALoginIsTold) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"52e", "the password is wrong"},
      {"525", "does not exist"},
      {"530", "at this time"},
      {"531", "from this computer"},
      {"532", "the password has expired"},
      {"533", "the account is disabled"},
      {"701", "the account has expired"},
      {"773", "must be changed"},
      {"775", "is locked out"},
      {"999", "the name or the password is wrong"},
  };
  for (const auto& [code, words] : cases) {
    const Result result{
        .code = LDAP_INVALID_CREDENTIALS,
        .diagnostic = std::string("80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data ") +
                      code + ", v1db1",
        .controls = {}};
    const SourceError error = bind_failure(result, "svc@x");
    EXPECT_THAT(error.what(), HasSubstr(words));
    EXPECT_EQ(error.kind(), SourceError::Kind::denied);
  }
}

}  // namespace
}  // namespace dvsync::source::ldap
