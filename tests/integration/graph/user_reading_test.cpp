// One reading of a user: what a tenant answers and what a file holds of it become the same record, and a fact that is
// left out is unknown in both.

#include "integration/graph/graph_test.hpp"
#include "source/file/file_pull.hpp"
#include "unit/source/file_record_text.hpp"

namespace dvsync::source::graph::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string id = "20000000-0000-4000-8000-000000000001";
const std::string plan = "6ea4c1ef-c259-46df-bce2-943342cd3cb2";

// What a reading yields of one object.
struct Reading {
  std::vector<IdentityRecord> identities;
  std::vector<RejectedRecord> rejected;
  std::vector<RejectedRecord> unknown_objects;

  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& record : identities) text += file::to_text(record);
    for (const auto& record : rejected) text += "rejected " + record.reason + " " + record.detail;
    for (const auto& record : unknown_objects) text += "unknown " + core::to_string(record.object_id.value());
    return text;
  }
};

class UserReading : public GraphTest {
 protected:
  Reading from_file(const json::object& object, config::FileMode mode) {
    json::object line = object;
    if (!line.contains("@odata.type")) line["@odata.context"] = "https://graph.microsoft.com/v1.0/$metadata#users";
    config::FileDirectory directory_file;
    directory_file.mode = mode;
    directory_file.path = write_file("user.jsonl", json::serialize(json::value(line)) +
                                                       "\n"
                                                       R"({"id":"20000000-0000-4000-8000-000000000009",)"
                                                       R"("userPrincipalName":"other"})"
                                                       "\n");
    const auto pull = file::make_file_pull({directory_file, 100, {}}, {});
    return drain(*pull);
  }

  // The first round of a tenant; a later one.
  Reading from_tenant(const json::object& object, bool whole) {
    Cursor cursor;
    if (!whole) {
      MirrorModel mirror;
      this->pull(mirror);
      cursor = mirror.cursor;
    }
    fault({{"match", "users/delta"}, {"inject", json::array{object}}});
    const auto from = make_source(directory, 100, options);
    const auto pull = from->pull(request(cursor));
    return drain(*pull);
  }

  static Reading drain(Pull& pull) {
    Reading reading;
    Page page;
    while (pull.next(page, {})) {
      for (auto& record : page.identities) {
        if (core::to_string(record.object_id) == id) reading.identities.push_back(std::move(record));
      }
      std::move(page.rejected.begin(), page.rejected.end(), std::back_inserter(reading.rejected));
      std::move(page.unknown_objects.begin(), page.unknown_objects.end(), std::back_inserter(reading.unknown_objects));
    }
    static_cast<void>(pull.end());
    return reading;
  }
};

json::object whole_user() {
  return {{"@odata.type", "#microsoft.graph.user"},
          {"id", id},
          {"userPrincipalName", "ana@contoso.example"},
          {"givenName", "Ana"},
          {"surname", "Li"},
          {"displayName", "Ana Li"},
          {"mail", "ana@contoso.example"},
          {"jobTitle", "Clerk"},
          {"businessPhones", json::array{"+47 22"}},
          {"mobilePhone", "+47 23"},
          {"homePhone", "+47 24"},
          {"faxNumber", "+47 25"},
          {"streetAddress", "Street 1"},
          {"city", "Oslo"},
          {"state", "Oslo"},
          {"postalCode", "0150"},
          {"country", "Norway"},
          {"accountEnabled", true},
          {"userType", "Member"},
          {"assignedPlans", json::array{json::object{{"servicePlanId", plan}, {"capabilityStatus", "Enabled"}}}}};
}

constexpr std::array attribute_names{"userPrincipalName", "givenName",      "surname",     "displayName", "mail",
                                     "jobTitle",          "businessPhones", "mobilePhone", "homePhone",   "faxNumber",
                                     "streetAddress",     "city",           "state",       "postalCode",  "country"};

TEST_F(UserReading, EveryFactThatIsLeftOutIsUnknown) {
  const auto expect = [&](const json::object& object, const std::string& left_out, auto check) {
    for (const bool whole : {true, false}) {
      const auto mode = whole ? config::FileMode::snapshot : config::FileMode::delta;
      for (const Reading& reading : {from_file(object, mode), from_tenant(object, whole)}) {
        SCOPED_TRACE(left_out + (whole ? ", whole" : ", delta") + ": " + reading.text());
        check(reading, whole);
      }
    }
  };
  const auto without = [](const char* key) {
    json::object object = whole_user();
    object.erase(key);
    return object;
  };
  expect(whole_user(), "nothing", [](const Reading& reading, bool whole) {
    ASSERT_THAT(reading.identities, SizeIs(1));
    const IdentityRecord& record = reading.identities[0];
    EXPECT_EQ(record.whole, whole);
    EXPECT_TRUE(record.stated.all());
    EXPECT_EQ(record.account_enabled, true);
    EXPECT_EQ(record.guest, false);
    EXPECT_EQ(record.agent, false);
    EXPECT_THAT(record.plans.value(), SizeIs(1));
  });
  for (std::size_t i = 0; i < attribute_names.size(); ++i) {
    expect(without(attribute_names[i]), attribute_names[i], [&](const Reading& reading, bool) {
      ASSERT_THAT(reading.identities, SizeIs(1));
      EXPECT_FALSE(reading.identities[0].stated.test(i));
      EXPECT_EQ(reading.identities[0].stated.count(), core::attribute_count - 1);
    });
  }
  expect(without("accountEnabled"), "accountEnabled", [](const Reading& reading, bool) {
    ASSERT_THAT(reading.identities, SizeIs(1));
    EXPECT_EQ(reading.identities[0].account_enabled, std::nullopt);
  });
  expect(without("assignedPlans"), "assignedPlans", [](const Reading& reading, bool) {
    ASSERT_THAT(reading.identities, SizeIs(1));
    EXPECT_EQ(reading.identities[0].plans, std::nullopt);
  });
  expect(without("userType"), "userType", [](const Reading& reading, bool whole) {
    ASSERT_THAT(reading.identities, SizeIs(1));
    EXPECT_EQ(reading.identities[0].guest, whole ? std::optional(false) : std::nullopt) << "the name decides";
  });
  expect(without("@odata.type"), "@odata.type", [](const Reading& reading, bool) {
    ASSERT_THAT(reading.identities, SizeIs(1));
    EXPECT_NE(reading.identities[0].agent, true);
  });
  expect(without("id"), "id", [](const Reading& reading, bool) {
    EXPECT_THAT(reading.identities, IsEmpty());
    ASSERT_THAT(reading.rejected, SizeIs(1));
    EXPECT_EQ(reading.rejected[0].reason, "missing_object_id");
  });
  for (const char* part : {"servicePlanId", "capabilityStatus"}) {
    json::object object = whole_user();
    object["assignedPlans"].as_array()[0].as_object().erase(part);
    expect(object, part, [&](const Reading& reading, bool) {
      EXPECT_THAT(reading.identities, IsEmpty()) << "neither licensed nor unlicensed";
      ASSERT_THAT(reading.rejected, SizeIs(1));
      EXPECT_THAT(reading.rejected[0].detail, HasSubstr(part));
    });
  }
  json::object removed{{"@odata.type", "#microsoft.graph.user"}, {"id", id}, {"@removed", json::object{}}};
  expect(removed, "reason", [](const Reading& reading, bool) {
    EXPECT_THAT(reading.identities, IsEmpty()) << "neither there nor deleted";
    EXPECT_THAT(reading.rejected, SizeIs(1));
  });
}

TEST_F(UserReading, TenantAndFileAgree) {
  const auto with = [](std::initializer_list<std::pair<json::string_view, json::value>> changes) {
    json::object object = whole_user();
    for (const auto& [key, value] : changes) object[key] = value;
    return object;
  };
  const json::string_view guest_name = "ana_fabrikam.example#EXT#@contoso.example";
  json::object unnamed_type = with({{"userPrincipalName", guest_name}});
  unnamed_type.erase("userType");
  const json::object bare{{"@odata.type", "#microsoft.graph.user"}, {"id", id}};
  const auto removed = [&](const json::value& reason) {
    json::object object = bare;
    object["@removed"] = json::object{{"reason", reason}};
    return object;
  };
  const json::array bad_plan{json::object{{"servicePlanId", "x"}, {"capabilityStatus", "Enabled"}}};
  const json::array small_plan{json::object{{"servicePlanId", plan}, {"capabilityStatus", "warning"}}};
  const json::array no_plan{json::object{{"servicePlanId", plan}, {"capabilityStatus", "Deleted"}}};
  const std::vector<json::object> objects{
      whole_user(),
      with({{"userType", "Guest"}}),
      with({{"userType", "guest"}}),
      with({{"userType", "GUEST "}}),
      with({{"userType", nullptr}}),
      with({{"userType", nullptr}, {"userPrincipalName", guest_name}}),
      with({{"userType", "Member"}, {"userPrincipalName", guest_name}}),
      with({{"userType", 1}}),
      unnamed_type,
      with({{"accountEnabled", nullptr}}),
      with({{"accountEnabled", "true"}}),
      with({{"assignedPlans", nullptr}}),
      with({{"assignedPlans", json::array{}}}),
      with({{"assignedPlans", bad_plan}}),
      with({{"assignedPlans", small_plan}}),
      with({{"assignedPlans", no_plan}}),
      with({{"assignedPlans", json::array{nullptr}}}),
      with({{"assignedPlans", json::array{7}}}),
      with({{"assignedPlans", "all"}}),
      with({{"businessPhones", nullptr}}),
      with({{"businessPhones", json::array{}}}),
      with({{"businessPhones", json::array{nullptr, "+47 1"}}}),
      with({{"businessPhones", json::array{1}}}),
      with({{"jobTitle", nullptr}}),
      with({{"jobTitle", 7}}),
      with({{"jobTitle", true}}),
      with({{"jobTitle", json::object{{"a", 1}}}}),
      with({{"deletedDateTime", nullptr}}),
      with({{"deletedDateTime", ""}}),
      with({{"deletedDateTime", "2025-01-02T03:04:05Z"}}),
      with({{"deletedDateTime", "yesterday"}}),
      with({{"@odata.type", "#microsoft.graph.agentUser"}}),
      with({{"@odata.type", "#microsoft.graph.cloudUser"}}),
      with({{"id", "ana"}}),
      with({{"id", nullptr}}),
      removed("changed"),
      removed("deleted"),
      removed("moved"),
      removed("Changed"),
      removed(nullptr),
  };
  for (const json::object& object : objects) {
    for (const bool whole : {true, false}) {
      const auto mode = whole ? config::FileMode::snapshot : config::FileMode::delta;
      EXPECT_EQ(from_file(object, mode).text(), from_tenant(object, whole).text())
          << json::serialize(json::value(object)) << (whole ? " whole" : " delta");
    }
  }
}

TEST_F(UserReading, NameDecidesWhereTheTypeIsNotStated) {
  json::object object = whole_user();
  object["userPrincipalName"] = "ana_fabrikam.example#ext#@contoso.example";
  for (const bool stated_as_null : {false, true}) {
    if (stated_as_null) {
      object["userType"] = nullptr;
    } else {
      object.erase("userType");
    }
    for (const bool whole : {true, false}) {
      const auto mode = whole ? config::FileMode::snapshot : config::FileMode::delta;
      EXPECT_EQ(from_file(object, mode).identities.at(0).guest, true);
      EXPECT_EQ(from_tenant(object, whole).identities.at(0).guest, true);
    }
  }
}

}  // namespace
}  // namespace dvsync::source::graph::testing
