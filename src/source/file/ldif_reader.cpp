// LDIF (RFC 2849): the content of an LDAP directory, as slapcat, ldapsearch, ldifde and their kind write it.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dvsync/core/text.hpp"
#include "dvsync/error.hpp"
#include "source/ascii.hpp"
#include "source/distinguished_name.hpp"
#include "source/exported_text.hpp"
#include "source/file/group_register.hpp"
#include "source/file/ldif_groups.hpp"
#include "source/file/ldif_lines.hpp"
#include "source/file/ldif_search.hpp"
#include "source/file/record_reader.hpp"
#include "source/ldap_account.hpp"

namespace dvsync::source::file {
namespace {

// References that come before the group's id are held back up to this number; a larger group is read a second time.
constexpr std::size_t references_held = 4'096;

class LdifReader final : public RecordReader {
 public:
  explicit LdifReader(const ReadingContext& context)
      : context_(context),
        lines_(context_.input),
        attributes_(context_.directory.ldap),
        entry_(attributes_),
        accounts_(&texts_),
        groups_(context_.request, GroupRegister::NamedBy::object_id_or_dn),
        roles_(context_.directory.ldap) {}

  bool read(Page& page, const std::stop_token& stop) override {
    page_ = &page;
    while (page.size() < records_a_page) {
      const Place before{lines_.offset(), lines_.line()};
      if (!lines_.next(line_, stop)) {
        if (!end_record()) return false;
      } else if (line_.kind == LdifLine::Kind::separator) {
        end_record();
      } else if (line_.kind == LdifLine::Kind::comment) {
        read_comment();
      } else {
        if (!in_record_) begin_record(before);
        read_line();
      }
    }
    return true;
  }

  void conclude(PullEnd& end) override {
    const bool snapshot = context_.is_snapshot();
    // An entry lists all of its members, in a delta too.
    end.groups = groups_.coverage(Completeness::complete, snapshot ? Completeness::unreadable : Completeness::changes);
    roles_.conclude(end, snapshot);
    end.nested_groups_read = true;
    accounts_.warn(end.warnings);
    texts_.warn(end.warnings);
    const std::string shortfall = search_.shortfall();
    if (!snapshot || shortfall.empty()) return;
    end.users = Completeness::changes;  // who is missing is not absent
    end.warnings.push_back(shortfall + ": nobody counts as absent for not being in it. Export again");
  }

 private:
  struct Place {
    std::uint64_t offset = 0;
    std::uint64_t line = 1;
  };

  void begin_record(const Place& before) {
    in_record_ = true;
    before_record_ = before;
    record_line_ = line_.line;
    entry_.clear();
    dn_.clear();
    is_change_ = false;
    held_.clear();
    held_overflowed_ = false;
    fault_.clear();
    members_cut_.reset();
    has_dn_ = false;
    has_several_dns_ = false;
    is_trailer_ = false;
    is_relevant_ = false;
  }

  void read_line() {
    if (line_.kind == LdifLine::Kind::broken) {
      if (fault_.empty()) fault_ = line_.fault;
      return;
    }
    if (line_.is_url && is_read(line_.name)) {
      refuse(
          "the value of an attribute is to be read from a URL, which dvsync does not do: export the values themselves");
    }
    if (line_.line == record_line_) return read_first_line();
    if (is_trailer_) return read_trailer();
    if (line_.name == "dn") return note_second_dn();
    if (line_.name == "changetype") return read_change_type();
    if (const auto reference = reference_in(line_)) {
      note_range();
      if (is_relevant_) refer(*reference);
    } else if (AttributeDescription{.name = line_.name, .options = line_.options}.is_plain() && !line_.is_url) {
      entry_.add(line_.name, line_.value);
    }
  }

  [[nodiscard]] bool is_read(std::string_view attribute) const {
    return attribute == "dn" || attribute == "changetype" || holds_reference(attribute) || attributes_.slot(attribute);
  }

  void read_comment() {
    if (line_.value.starts_with("result:")) return read_result(std::string_view(line_.value).substr(7));
    if (in_record_ && !is_trailer_) end_record();  // the blank line before it was lost
    search_.comment(line_.value, context_.input.name() + ":" + std::to_string(line_.line));
  }

  void read_first_line() {
    if (line_.name == "version") {
      if (trimmed(line_.value) != "1") refuse("it is LDIF of a version other than 1");
      in_record_ = false;
    } else if (line_.name == "dn") {
      has_dn_ = true;
      dn_ = fold_distinguished_name(line_.value);
      is_relevant_ = groups_.may_want(dn_) || roles_.has(dn_);
    } else if (line_.name == "search" || line_.name == "result" || line_.name == "ref") {
      is_trailer_ = true;
      if (line_.name == "ref") search_.reference();
      read_trailer();
    } else {
      fault_ = "the record does not begin with its dn";
    }
  }

  // The blank line between two records was lost.
  void note_second_dn() {
    has_several_dns_ = true;
    fault_ = "two records ran together: the blank line between them is missing";
  }

  // ldapsearch without -LLL ends its output with the result code of the search.
  void read_trailer() {
    if (line_.name == "result") read_result(line_.value);
  }

  void read_result(std::string_view result) {
    search_.result();
    const std::string_view code = trimmed(result);
    if (code != "0" && !code.starts_with("0 ")) {
      refuse("the search that wrote this file failed or was cut off by a limit: raise the limit and export again");
    }
  }

  // `changetype: add` before every entry makes no list of changes of a listing: ldifde -f writes it so.
  void read_change_type() {
    is_change_ = true;
    if (!core::equal_ignoring_ascii_case(trimmed(line_.value), "add")) {
      refuse(
          "it holds change records that delete, modify or rename entries; these name an entry by its DN alone, "
          "which identifies nobody: export the whole entries that changed, and a snapshot now and then");
    }
  }

  // Active Directory hands out a large group in parts, "member;range=0-1499"; the last part ends with "*".
  void note_range() {
    if (line_.options.starts_with("range=")) members_cut_ = !line_.options.ends_with('*');
  }

  void refer(const LdifReference& reference) {
    if (second_reading_of_) {
      deliver(reference, *second_reading_of_);
    } else if (held_.size() < references_held) {
      held_.push_back(reference);
    } else {
      held_overflowed_ = true;
    }
  }

  void deliver(const LdifReference& reference, const core::Guid& group) {
    if (group != core::Guid{} && groups_.wants(group, dn_)) {
      page_->memberships.push_back({.group = group, .relation = reference.relation, .member = reference.to});
    }
    if (reference.relation == MembershipRecord::Relation::member) roles_.deliver(dn_, reference.to, *page_);
  }

  // In a snapshot either every entry is such a record, or none.
  void demand_one_kind() {
    const bool differs = changes_ && *changes_ != is_change_;
    changes_ = is_change_;
    if (!differs || !context_.is_snapshot()) return;
    refuse(
        "some of its records are changes (changetype:) and some are plain entries: export whole entries only, or set "
        "directory.mode: delta");
  }

  // True when there is more to read: the record has to be read a second time.
  bool end_record() {
    if (!std::exchange(in_record_, false)) return false;
    if (std::exchange(second_reading_of_, std::nullopt) || is_trailer_) return false;
    context_.tally.record();
    search_.entry();
    if (has_dn_) demand_one_kind();
    if (!has_dn_ && fault_.empty()) fault_ = "the record has no dn";
    if (!entry_.has_class() && fault_.empty()) fault_ = "the entry has no objectClass: export that attribute, too";
    if (!fault_.empty()) {
      reject_record();
      return false;
    }
    if (entry_.is_person()) end_user();
    return entry_.is_group() && is_relevant_ && end_group();
  }

  void end_user() {
    LdapAccount account = accounts_.read(entry_, entry_.kind(), true);
    if (account.machine) return;
    if (account.id == LdapId::State::invalid) {
      return reject("invalid_object_id", "objectGUID, entryUUID or nsUniqueId is not a GUID");
    }
    if (account.id == LdapId::State::missing) {
      return reject("missing_object_id",
                    "the entry has no objectGUID, entryUUID or nsUniqueId: export operational attributes, too "
                    "(ldapsearch … '*' '+')");
    }
    IdentityRecord& record = page_->identities.emplace_back();
    if (account.deleted.value_or(false)) {  // a tombstone: its names are gone
      record.object_id = account.record.object_id;
      record.lifecycle = core::Lifecycle::gone;
      record.whole = false;
    } else {
      record = std::move(account.record);
    }
    record.distinguished_name = dn_;
    context_.tally.user(record);
  }

  bool end_group() {
    const core::Guid id = entry_.id().guid;
    roles_.saw(dn_);
    if (id == core::Guid{} && groups_.wants(id, dn_)) {
      groups_.distrust(id, dn_, where() + ": the group has no objectGUID, entryUUID or nsUniqueId: export it");
      reject("missing_object_id",
             "the group has no objectGUID, entryUUID or nsUniqueId: export operational attributes");
    } else if (groups_.wants(id, dn_)) {
      groups_.saw(id, dn_);
    }
    if (members_cut_.value_or(false)) distrust(id, where() + ": the server gave only a part of the members (range=)");
    if (held_overflowed_) {
      lines_.seek(before_record_.offset, before_record_.line);
      second_reading_of_ = id;
      return true;
    }
    for (const LdifReference& reference : held_) deliver(reference, id);
    return false;
  }

  void distrust(const core::Guid& id, const std::string& why) {
    groups_.distrust(id, dn_, why);
    roles_.distrust(dn_, why);
  }

  void reject_record() {
    const std::string why = where() + " cannot be read, and may be a part of this group";
    if (!has_dn_ || has_several_dns_) {
      groups_.distrust_all(why);
      roles_.distrust_all(why);
    } else if (is_relevant_ && !entry_.is_person()) {
      const LdapId id = entry_.id();
      id.is_stated() ? groups_.distrust(id.guid, dn_, why) : groups_.distrust_all(why);
      roles_.distrust(dn_, why);
    }
    reject("malformed", fault_);
  }

  void reject(std::string_view reason, std::string detail) {
    const LdapId id = entry_.id();
    context_.tally.reject(*page_,
                          {.object_id = has_several_dns_ || !id.is_stated() ? std::nullopt : std::optional(id.guid),
                           .where = where(),
                           .reason = std::string(reason),
                           .detail = std::move(detail)});
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw SourceError(SourceError::Kind::malformed,
                      context_.input.name() + ":" + std::to_string(line_.line) + ": " + why);
  }

  [[nodiscard]] std::string where() const { return context_.input.name() + ":" + std::to_string(record_line_); }

  const ReadingContext context_;
  LdifLines lines_;
  const LdapAttributes attributes_;
  LdapEntry entry_;
  ExportedText texts_;
  LdapAccountReader accounts_;
  LdifSearch search_;
  GroupRegister groups_;
  LdifRoles roles_;
  Page* page_ = nullptr;
  LdifLine line_;
  bool in_record_ = false;
  std::string dn_;          // folded
  bool is_change_ = false;  // the record has a changetype
  std::optional<bool> changes_;
  Place before_record_;  // comments included
  std::uint64_t record_line_ = 0;
  bool has_dn_ = false;
  bool has_several_dns_ = false;
  bool is_trailer_ = false;
  bool is_relevant_ = false;  // its members may be asked for
  std::string fault_;
  std::optional<bool> members_cut_;
  std::vector<LdifReference> held_;
  bool held_overflowed_ = false;
  std::optional<core::Guid> second_reading_of_;
};

}  // namespace

std::unique_ptr<RecordReader> make_ldif_reader(const ReadingContext& context) {
  return std::make_unique<LdifReader>(context);
}

}  // namespace dvsync::source::file
