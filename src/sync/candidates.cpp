#include "candidates.hpp"

#include <algorithm>

#include "dvsync/store/postgres/values.hpp"
#include "prefetcher.hpp"

namespace dvsync::sync {
namespace {

// Both tables in the order of the object id, joined on the way; they may be on two servers.
class Everybody : public Candidates {
 public:
  Everybody(ReadingSessions sessions, const store::IdentityView& view) : view_(view) {
    const bool rows = store::has_linked_rows(sessions.environment);
    identities_.emplace(sessions.mirror, store::all_identities(view, rows));
    if (rows) rows_.emplace(sessions.environment, store::linked_rows());
  }

  bool next(std::vector<Candidate>& chunk) override {
    chunk.clear();
    while (chunk.size() < static_cast<std::size_t>(chunk_size)) {
      const auto identity = identities_->peek(store::identity_object_id);
      const auto row = rows_ ? rows_->peek(1) : std::nullopt;
      if (!identity && !row) break;
      auto& candidate = chunk.emplace_back();
      bool beyond = false;
      if (identity && (!row || *identity <= *row)) {
        const int at = identities_->take();
        beyond = view_.newer_than_snapshot(identities_->rows(), at);
        candidate.identity = view_.identity_from(identities_->rows(), at);
      }
      if (row && (!identity || *row <= *identity)) candidate.row = store::row_from(rows_->rows(), rows_->take());
      if (!identity || (row && *row < *identity)) candidate.identity = view_.unknown_identity(*row);
      if (beyond) chunk.pop_back();
    }
    return !chunk.empty();
  }

 private:
  // One ordered query, a row at a time.
  class Side {
   public:
    Side(store::Connection& connection, const std::string& query)
        : chunks_(connection, query, chunk_size), ahead_([this](store::Rows& rows) { return chunks_.next(rows); }) {}
    std::optional<core::Guid> peek(int column) {
      if (at_ >= rows_.size()) {
        if (!more_) return std::nullopt;
        more_ = ahead_.take(rows_);
        at_ = 0;
      }
      return more_ ? store::guid_at(rows_, at_, column) : std::nullopt;
    }
    [[nodiscard]] const store::Rows& rows() const { return rows_; }
    int take() { return at_++; }

   private:
    store::Chunks chunks_;
    Prefetcher<store::Rows> ahead_;
    store::Rows rows_;
    int at_ = 0;
    bool more_ = true;
  };

  const store::IdentityView& view_;
  std::optional<Side> identities_;
  std::optional<Side> rows_;
};

// Reads and converts ahead, while the chunks before are planned.
class Prefetched : public Candidates {
 public:
  explicit Prefetched(std::unique_ptr<Candidates> candidates)
      : subjects_(std::move(candidates)), ahead_([this](auto& chunk) { return subjects_->next(chunk); }) {}

  bool next(std::vector<Candidate>& chunk) override { return ahead_.take(chunk); }

 private:
  std::unique_ptr<Candidates> subjects_;
  Prefetcher<std::vector<Candidate>> ahead_;
};

// Each once: it is taken out.
void add_rows(std::vector<Candidate>& chunk, store::RowsById& rows) {
  for (auto& candidate : chunk) {
    const auto found = rows.find(candidate.identity.object_id);
    if (found != rows.end()) candidate.row = std::move(found->second);
  }
}

void add_rows(store::Connection& environment, std::vector<Candidate>& chunk) {
  std::vector<core::Guid> ids;
  ids.reserve(chunk.size());
  for (const auto& candidate : chunk) ids.push_back(candidate.identity.object_id);
  auto rows = store::read_rows(environment, ids, store::Lock::no);
  add_rows(chunk, rows);
}

void sort_each_once(std::vector<core::Guid>& ids) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

class Only : public Candidates {
 public:
  // `rows`: all of the environment's; nullopt: they are read when they are needed.
  Only(ReadingSessions sessions, const store::IdentityView& view, Named named,
       std::optional<store::RowsById> rows = std::nullopt)
      : sessions_(sessions),
        view_(view),
        ids_(std::move(named.object_ids)),
        members_(std::move(named.members)),
        rows_(std::move(rows)) {}

  bool next(std::vector<Candidate>& chunk) override {
    chunk.clear();
    while (chunk.empty() && at_ < ids_.size()) read_piece(chunk);
    return !chunk.empty();
  }

 private:
  void read_piece(std::vector<Candidate>& chunk) {
    const auto count = std::min(static_cast<std::size_t>(chunk_size), ids_.size() - at_);
    const auto first = ids_.begin() + static_cast<std::ptrdiff_t>(at_);
    const std::vector<core::Guid> ids(first, first + static_cast<std::ptrdiff_t>(count));
    at_ += count;
    chunk.reserve(count);
    for (auto& identity : store::read_identities(sessions_.mirror, view_, ids, members_)) {
      chunk.push_back({std::move(identity), std::nullopt});
    }
    rows_ ? add_rows(chunk, *rows_) : add_rows(sessions_.environment, chunk);
  }

  ReadingSessions sessions_;
  const store::IdentityView& view_;
  std::vector<core::Guid> ids_;  // with the members
  std::vector<core::Guid> members_;
  std::optional<store::RowsById> rows_;
  std::size_t at_ = 0;
};

class ChangedSince : public Candidates {
 public:
  ChangedSince(ReadingSessions sessions, const store::IdentityView& view, const store::Watermark& since,
               const std::vector<core::Guid>& recheck)
      : sessions_(sessions),
        view_(view),
        // Those that changed come anyway, once.
        recheck_(sessions, view, {store::unchanged_among(sessions.mirror, since, recheck)}),
        chunks_(std::in_place, sessions.mirror, store::changed_identities(view, since), chunk_size) {}

  bool next(std::vector<Candidate>& chunk) override {
    chunk.clear();
    if (!chunks_ || !chunks_->next(rows_)) {
      chunks_.reset();  // frees the mirror's session for the rest
      return recheck_.next(chunk);
    }
    for (int row = 0; row < rows_.size(); ++row) {
      if (!view_.newer_than_snapshot(rows_, row)) chunk.push_back({view_.identity_from(rows_, row), std::nullopt});
    }
    add_rows(sessions_.environment, chunk);
    return true;
  }

 private:
  ReadingSessions sessions_;
  const store::IdentityView& view_;
  Only recheck_;
  std::optional<store::Chunks> chunks_;
  store::Rows rows_;
};

}  // namespace

std::unique_ptr<Candidates> everybody(ReadingSessions sessions, const store::IdentityView& view) {
  if (sessions.shared) {
    auto ids = store::all_ids(sessions.mirror);
    const auto linked = store::linked_ids(sessions.environment);
    ids.insert(ids.end(), linked.begin(), linked.end());
    return each(sessions, view, {std::move(ids)});
  }
  return std::make_unique<Prefetched>(std::make_unique<Everybody>(sessions, view));
}

std::unique_ptr<Candidates> each(ReadingSessions sessions, const store::IdentityView& view, Named named,
                                 std::optional<store::RowsById> rows) {
  auto& ids = named.object_ids;
  auto& members = named.members;
  sort_each_once(ids);
  sort_each_once(members);
  std::erase_if(members, [&ids](const auto& id) { return std::ranges::binary_search(ids, id); });
  const auto others = static_cast<std::ptrdiff_t>(ids.size());
  ids.insert(ids.end(), members.begin(), members.end());
  std::inplace_merge(ids.begin(), ids.begin() + others, ids.end());
  std::unique_ptr<Candidates> candidates = std::make_unique<Only>(sessions, view, std::move(named), std::move(rows));
  return sessions.shared ? std::move(candidates) : std::make_unique<Prefetched>(std::move(candidates));
}

std::unique_ptr<Candidates> changed_since(ReadingSessions sessions, const store::IdentityView& view,
                                          const store::Watermark& since, const std::vector<core::Guid>& recheck) {
  if (sessions.shared) {
    auto ids = store::changed_ids(sessions.mirror, since);
    ids.insert(ids.end(), recheck.begin(), recheck.end());
    return each(sessions, view, {std::move(ids)});
  }
  return std::make_unique<ChangedSince>(sessions, view, since, recheck);
}

std::unique_ptr<Candidates> only(ReadingSessions sessions, const store::IdentityView& view,
                                 std::vector<core::Guid> object_ids) {
  return std::make_unique<Only>(sessions, view, Named{std::move(object_ids)});
}

}  // namespace dvsync::sync
