#pragma once
// A user object of Microsoft Graph as an identity record, property by property. There is one reading of a user, whether
// a tenant is asked or a file holds its answer: both readers of JSON call these setters. An absent property is not
// stated; null is stated and without value, except for facts that null leaves unknown.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dvsync/source/directory_source.hpp"
#include "source/exported_text.hpp"
#include "source/graph_schema.hpp"

namespace dvsync::source {

// Reads one object after the other, so that what is allocated serves for all of them.
class GraphUser {
 public:
  enum class Removal : std::uint8_t { none, changed, deleted };

  // `exported`: of a file, in which exporters leave texts that are no values; nullptr: of a tenant.
  explicit GraphUser(ExportedText* exported = nullptr) : exported_(exported) {}

  // The next object begins. `whole`: it comes from a listing of everything, so that what it does not state is empty.
  void begin(bool whole);

  // A property and its value: a text, true or false, null, or anything else.
  void set(const GraphProperty& property, std::string_view text);
  void set(const GraphProperty& property, bool value);
  void set_null(const GraphProperty& property);
  void set_other(const GraphProperty& property);

  // The lists, item by item. A phone may be null, a plan may be a text that an exporter left.
  void begin_phones() { has_phone_ = false; }
  void add_phone(std::string_view phone);
  void end_phones();
  void begin_plans();
  void add_plan(std::string_view service_plan_id, std::string_view capability_status);
  void add_plan(std::string_view text);
  void end_plans();

  // The "reason" of "@removed"; empty: it has none.
  void set_removal(std::string_view reason);

  void set_id(const core::Guid& id) { id_ = id; }
  void set_agent(bool agent) { record_.agent = agent; }

  // The first fault is the one that is told.
  void note_fault(std::string fault);

  [[nodiscard]] const std::optional<core::Guid>& id() const { return id_; }
  [[nodiscard]] bool id_is_unusable() const { return id_is_unusable_; }
  [[nodiscard]] Removal removal() const { return removal_; }
  [[nodiscard]] const std::string& fault() const { return fault_; }

  // The object is complete: why it cannot be used (without its place), or nullopt; then the record may be taken.
  [[nodiscard]] std::optional<RejectedRecord> finish();
  [[nodiscard]] IdentityRecord&& take() { return std::move(record_); }

 private:
  void set_id(std::string_view text);
  void set_profile(core::Attribute attribute, std::string_view text);
  void set_user_type(std::string_view text);
  void set_deletion_date(std::string_view text);
  [[nodiscard]] bool spoiled(std::string_view property, std::string_view text);
  [[nodiscard]] RejectedRecord rejected(std::string_view reason, std::string detail) const;

  ExportedText* exported_;
  IdentityRecord record_;
  std::optional<core::Guid> id_;
  bool id_is_unusable_ = false;
  Removal removal_ = Removal::none;
  std::string fault_;
  std::vector<core::Guid> plans_;
  bool plans_are_spoiled_ = false;
  bool has_phone_ = false;
};

}  // namespace dvsync::source
