#include "dvsync/sync/reassignment.hpp"

#include <algorithm>

#include "dvsync/store/open.hpp"
#include "dvsync/store/run_log.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/resolution.hpp"

namespace dvsync::sync {
namespace {

constexpr int records_a_transaction = 10'000;
constexpr int most_looks_in_vain = 10;

std::vector<store::OwnedTable> chosen_of(std::vector<store::OwnedTable> owned, const std::vector<std::string>& names,
                                         const std::string& schema) {
  if (names.empty()) return owned;
  std::vector<store::OwnedTable> chosen;
  for (const auto& name : names) {
    const auto found = std::ranges::find(owned, name, &store::OwnedTable::name);
    if (found == owned.end()) {
      std::string message = "the schema " + schema + " has no user-owned table " + name + "; it has";
      for (const auto& table : owned) message += " " + table.name;
      throw UsageError(message);
    }
    chosen.push_back(*found);
  }
  return chosen;
}

}  // namespace

std::int64_t Reassigned::records() const {
  std::int64_t sum = 0;
  for (const auto& table : tables) sum += table.records;
  return sum;
}

bool Reassigned::refused() const {
  return std::ranges::any_of(tables, [](const ReassignedTable& table) { return !table.error.empty(); });
}

RecordReassigner::RecordReassigner(const config::Configuration& configuration, const config::Environment& environment,
                                   Options options, std::string requested_by, std::stop_token stop)
    : configuration_(configuration),
      environment_(environment),
      options_(std::move(options)),
      requested_by_(std::move(requested_by)),
      stop_(std::move(stop)),
      mirror_(store::open_mirror(configuration, {.stop = stop_})),
      session_(store::open_environment(configuration, environment, {.stop = stop_, .as_owner = true})),
      tables_(chosen_of(store::owned_tables(*session_), options_.tables, environment.schema)) {}

Reassigned RecordReassigner::reassign(const std::string& source, const std::string& target,
                                      const OnProgress& on_progress) {
  const auto row_of = [this](const std::string& word) {
    return row_named(configuration_, environment_, *session_, word);
  };
  Reassigned reassigned{row_of(source), row_of(target), std::nullopt, {}};
  if (reassigned.from.systemuserid == reassigned.to.systemuserid) {
    throw UsageError(source + " and " + target + " are the same row: there is nothing to move");
  }
  const store::Reassignment reassignment{
      .from = reassigned.from.systemuserid,
      .to = reassigned.to.systemuserid,
      .business_unit = store::business_unit_of_row(*session_, reassigned.to.systemuserid)};
  for (const auto& table : tables_) {
    reassigned.tables.push_back(move_all(table, reassigned, reassignment, on_progress));
  }
  return reassigned;
}

// What the table refuses is told, and the others are moved all the same.
ReassignedTable RecordReassigner::move_all(const store::OwnedTable& table, Reassigned& reassigned,
                                           const store::Reassignment& reassignment, const OnProgress& on_progress) {
  ReassignedTable moved{.name = table.name, .records = 0, .error = {}};
  try {
    const auto expected = store::count_records(*session_, table, reassignment.from);
    if (options_.dry_run || expected == 0) {
      moved.records = expected;
      return moved;
    }
    // A record that somebody writes meanwhile is passed over: it is there at the next look.
    std::int64_t left = expected;
    for (int looks_in_vain = 0; left > 0 && looks_in_vain < most_looks_in_vain;) {
      if (stop_.stop_requested()) throw Interrupted();
      if (!reassigned.run_id) reassigned.run_id = store::next_run_id(*mirror_, store::last_run_id(*session_));
      const store::Act act{.run_id = *reassigned.run_id, .requested_by = requested_by_, .actor = environment_.actor};
      store::Transaction transaction(*session_);
      const auto some = store::reassign_records(*session_, table, reassignment, act, records_a_transaction);
      if (some > 0) {
        store::log_reassignment(*session_, table, reassignment, reassigned.from.domainname, act, some);
      }
      transaction.commit();
      moved.records += some;
      looks_in_vain = some > 0 ? 0 : looks_in_vain + 1;
      if (some < records_a_transaction) left = store::count_records(*session_, table, reassignment.from);
      on_progress(table.name, moved.records, std::max(expected, moved.records));
    }
    if (left > 0) {
      moved.error = std::to_string(left) + " records stay as they are, since others write them: run this again";
    }
  } catch (const StoreError& error) {
    if (session_->broken() || error.kind() == StoreError::Kind::unavailable) throw;
    moved.error = error.what();
  }
  return moved;
}

}  // namespace dvsync::sync
