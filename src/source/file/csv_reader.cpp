// m365-csv: the user export of the Microsoft 365 admin centre or the Entra portal. It has no groups and no roles.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "dvsync/error.hpp"
#include "source/ascii.hpp"
#include "source/exported_text.hpp"
#include "source/file/csv_columns.hpp"
#include "source/file/csv_rows.hpp"
#include "source/file/group_register.hpp"
#include "source/file/licence_cell.hpp"
#include "source/file/record_reader.hpp"
#include "source/unstated.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;

// The primary address of "smtp:a@x+SMTP:b@x+X500:/o=…": the one whose prefix is in upper case.
std::string_view primary_address(std::string_view proxy_addresses) {
  constexpr std::string_view primary = "SMTP:";
  std::size_t at = 0;
  while ((at = proxy_addresses.find(primary, at)) != std::string_view::npos) {
    if (at == 0 || proxy_addresses[at - 1] == '+') break;
    at += primary.size();
  }
  if (at == std::string_view::npos) return {};
  const std::string_view rest = proxy_addresses.substr(at + primary.size());
  for (std::size_t plus = rest.find('+'); plus != std::string_view::npos; plus = rest.find('+', plus + 1)) {
    // A "+" ends the address where another prefix follows; "ana+news@contoso.example" is one address.
    const std::size_t end =
        rest.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", plus + 1);
    if (end != std::string_view::npos && rest[end] == ':') return rest.substr(0, plus);
  }
  return rest;
}

class CsvReader final : public RecordReader {
 public:
  explicit CsvReader(const ReadingContext& context)
      : context_(context),
        prelude_(read_prelude(context_.input.head(header_sample))),
        rows_(context_.input, prelude_.delimiter),
        licences_(context_.full_plans) {}

  bool read(Page& page, const std::stop_token& stop) override {
    while (page.size() < records_a_page) {
      if (!rows_.next(row_, stop)) {
        if (columns_) return false;
        throw SourceError(SourceError::Kind::malformed,
                          context_.input.name() + " has no header line: export the users again");
      }
      if (prelude_.lines > 0) {
        --prelude_.lines;
      } else if (!columns_) {
        columns_.emplace(row_.cells, context_.input.name());
      } else {
        read_row(page);
      }
    }
    return true;
  }

  void conclude(PullEnd& end) override {
    end.groups = GroupRegister(context_.request, GroupRegister::NamedBy::object_id_or_dn)
                     .coverage(Completeness::unreadable, Completeness::unreadable);
    for (GroupCompleteness& group : end.groups) {
      group.detail = "an m365-csv export has no groups: use graph-jsonl, or take security_group out";
    }
    end.roles.fill(Completeness::not_carried);
    end.nested_groups_read = false;
    columns_->warn(end.warnings);
    licences_.warn(end.warnings);
    texts_.warn(end.warnings);
    if (may_be_cut_at_.empty()) return;
    end.users = Completeness::changes;  // who should have come behind the last row is not absent
    end.warnings.push_back(may_be_cut_at_ +
                           ": the file ends without a line break, so it may be truncated: nobody counts as absent for "
                           "not being in it. Export it again, or end its last line");
  }

 private:
  static constexpr std::size_t header_sample = std::size_t{64} << 10U;

  void read_row(Page& page) {
    context_.tally.record();
    if (row_.may_be_cut) may_be_cut_at_ = where();
    if (!row_.fault.empty()) return reject(page, "malformed", row_.fault);
    if (row_.cells.size() != columns_->count()) return reject_count(page);
    const std::string_view id_text = trimmed(cell(columns_->index(CsvColumn::object_id)));
    const auto id = core::parse_guid(id_text);
    if (!id) {
      return id_text.empty() ? reject(page, "missing_object_id", "the row has no object id")
                             : reject(page, "invalid_object_id", "the object id is not a GUID");
    }
    IdentityRecord& record = page.identities.emplace_back();
    record.object_id = *id;
    record.whole = context_.is_snapshot();
    record.expiry_stated = true;  // accounts of Entra ID do not expire
    if (!read_account(record)) {
      page.identities.pop_back();
      return reject(page, "malformed", "the account state is neither True nor False");
    }
    if (!read_lifecycle(record)) {
      page.identities.pop_back();
      return reject(page, "malformed", "the time of its soft deletion is no date");
    }
    read_profile(record);
    read_licences(record);
    read_user_type(record);
    context_.tally.user(record);
  }

  [[nodiscard]] std::string_view cell(std::optional<std::size_t> index) const {
    return index ? row_.cells[*index] : std::string_view();
  }

  // False: the state is there but cannot be understood.
  bool read_account(IdentityRecord& record) {
    const auto enabled_column = columns_->index(CsvColumn::account_enabled);
    const auto column = enabled_column ? enabled_column : columns_->index(CsvColumn::block_credential);
    const std::string_view text = trimmed(cell(column));
    if (text.empty()) return true;
    if (texts_.spoils("Block credential", text)) {
      keep_unstated(record);
      return true;
    }
    const auto said = truth(text);
    if (said) record.account_enabled = enabled_column ? *said : !*said;
    return said.has_value();
  }

  void read_profile(IdentityRecord& record) {
    for (std::size_t i = 0; i < core::attribute_count; ++i) {
      const auto attribute = static_cast<Attribute>(i);
      const auto column = columns_->index(attribute);
      if (!column) continue;
      texts_.set(record, attribute, cell(column));
    }
    const auto proxies = columns_->index(CsvColumn::proxy_addresses);
    if (!proxies || record.profile[Attribute::mail]) return;
    if (texts_.spoils("Proxy addresses", cell(proxies))) return leave_alone(record, Attribute::mail);
    const bool spoilt_mail = columns_->index(Attribute::mail) && !record.whole &&
                             !record.stated.test(static_cast<std::size_t>(Attribute::mail));
    const std::string_view mail = primary_address(cell(proxies));
    if (!mail.empty() || !spoilt_mail) texts_.set(record, Attribute::mail, mail);
  }

  void read_licences(IdentityRecord& record) {
    const auto licenses = columns_->index(CsvColumn::licenses);
    const auto details = columns_->index(CsvColumn::license_details);
    if (!licenses && !details) return;
    const auto column = cell(licenses).empty() ? details : licenses;
    if (texts_.spoils("Licenses", cell(column))) return leave_plans_open(record);
    const Licences& licences = licences_.read(cell(column));
    const bool cut = row_.may_be_cut && column == columns_->count() - 1;
    if (licences.holds_full_plan || (!licences.names_unknown && !cut)) {
      record.plans = licences.plans;
    } else {
      leave_plans_open(record);
    }
  }

  // D7: a product that nobody here knows is no "no". A whole record without plans would have none.
  static void leave_plans_open(IdentityRecord& record) {
    keep_unstated(record);
    record.plans_unknown = true;
  }

  // False: there is something, but no date.
  bool read_lifecycle(IdentityRecord& record) {
    const std::string_view deleted = trimmed(cell(columns_->index(CsvColumn::soft_deletion)));
    if (deleted.empty() || is_null_word(deleted)) return true;
    const auto moment = parse_date(deleted, columns_->language());
    if (!moment) return false;
    constexpr core::Timestamp no_moment =
        std::chrono::sys_days(std::chrono::January / 1 / 1900);  // .NET's and Excel's zero
    if (*moment <= no_moment) return true;
    record.lifecycle = core::Lifecycle::soft_deleted;
    record.deleted_at = moment;
    return true;
  }

  void read_user_type(IdentityRecord& record) {
    if (const auto column = columns_->index(CsvColumn::user_type)) record.guest = says_guest(cell(column));
    infer_guest(record);
  }

  void reject_count(Page& page) {
    if (!row_.has_line_break && row_.cells.size() < columns_->count()) {
      throw SourceError(SourceError::Kind::malformed, where() +
                                                          ": the file ends in the middle of a row, so it is "
                                                          "truncated: export it again");
    }
    reject(page, "malformed",
           "the row has " + std::to_string(row_.cells.size()) + " columns, the header " +
               std::to_string(columns_->count()));
  }

  void reject(Page& page, std::string_view reason, std::string detail) {
    context_.tally.reject(
        page,
        {.object_id = salvaged_id(), .where = where(), .reason = std::string(reason), .detail = std::move(detail)});
  }

  // The one GUID of a broken row. A row over several lines may have swallowed others: whose it is, is not known then.
  [[nodiscard]] std::optional<core::Guid> salvaged_id() const {
    if (row_.spans_lines) return std::nullopt;
    std::optional<core::Guid> found;
    for (const std::string_view text : row_.cells) {
      const auto id = core::parse_guid(trimmed(text));
      if (id && found && id != found) return std::nullopt;
      if (id) found = id;
    }
    return found;
  }

  [[nodiscard]] std::string where() const { return context_.input.name() + ":" + std::to_string(row_.line); }

  const ReadingContext context_;
  CsvPrelude prelude_;
  CsvRows rows_;
  CsvRow row_;
  std::optional<CsvColumns> columns_;
  LicenceCell licences_;
  ExportedText texts_;
  std::string may_be_cut_at_;  // file:line of a last row that nothing ends
};

}  // namespace

std::unique_ptr<RecordReader> make_csv_reader(const ReadingContext& context) {
  return std::make_unique<CsvReader>(context);
}

}  // namespace dvsync::source::file
