#include "dvsync/sync/subjects.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/system_users.hpp"
#include "handover.hpp"

namespace dvsync::sync {
namespace {

std::string uuid_array(const std::vector<core::Guid>& ids) {
  store::UuidArray array;
  for (const auto& id : ids) array.add(id);
  return array.bytes();
}

bool has_touchable_rows(store::Connection& environment) {
  return environment.exec("SELECT EXISTS (SELECT FROM systemuser WHERE azureactivedirectoryobjectid IS NOT NULL)")
      .boolean(0, 0);
}

// Both tables in the order of the object id, joined on the way; they may be on two servers.
class Everybody : public Subjects {
 public:
  Everybody(ReadingSessions sessions, const store::IdentityView& view) : view_(view) {
    const bool rows = has_touchable_rows(sessions.environment);
    // Into an empty environment the order does not matter, and sorting is most of the work.
    identities_.emplace(sessions.mirror,
                        "SELECT " + view.columns() + " FROM identity i" + (rows ? " ORDER BY i.object_id" : ""));
    if (rows) {
      rows_.emplace(sessions.environment, std::string("SELECT ") + store::system_user_columns +
                                              " FROM systemuser u WHERE u.azureactivedirectoryobjectid IS NOT NULL "
                                              "ORDER BY u.azureactivedirectoryobjectid");
    }
  }

  bool next(std::vector<Subject>& piece) override {
    piece.clear();
    while (piece.size() < static_cast<std::size_t>(piece_size)) {
      const auto identity = identities_->peek(store::identity_object_id);
      const auto row = rows_ ? rows_->peek(1) : std::nullopt;
      if (!identity && !row) break;
      auto& subject = piece.emplace_back();
      bool beyond = false;
      if (identity && (!row || *identity <= *row)) {
        const int at = identities_->take();
        beyond = view_.is_beyond(identities_->rows(), at);
        subject.identity = view_.identity_from(identities_->rows(), at);
      }
      if (row && (!identity || *row <= *identity)) subject.row = store::row_from(rows_->rows(), rows_->take());
      if (!identity || (row && *row < *identity)) subject.identity = view_.stranger(*row);
      if (beyond) piece.pop_back();
    }
    return !piece.empty();
  }

 private:
  // One ordered query, a row at a time.
  class Side {
   public:
    Side(store::Connection& connection, const std::string& query)
        : pieces_(connection, query, piece_size), ahead_([this](store::Rows& rows) { return pieces_.next(rows); }) {}
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
    store::Pieces pieces_;
    Ahead<store::Rows> ahead_;
    store::Rows rows_;
    int at_ = 0;
    bool more_ = true;
  };

  const store::IdentityView& view_;
  std::optional<Side> identities_;
  std::optional<Side> rows_;
};

// Reads and converts ahead, while the pieces before are planned.
class ReadAhead : public Subjects {
 public:
  explicit ReadAhead(std::unique_ptr<Subjects> subjects)
      : subjects_(std::move(subjects)), ahead_([this](auto& piece) { return subjects_->next(piece); }) {}

  bool next(std::vector<Subject>& piece) override { return ahead_.take(piece); }

 private:
  std::unique_ptr<Subjects> subjects_;
  Ahead<std::vector<Subject>> ahead_;
};

void add_rows(store::Connection& environment, std::vector<Subject>& piece) {
  std::vector<core::Guid> ids;
  ids.reserve(piece.size());
  for (const auto& subject : piece) ids.push_back(subject.identity.object_id);
  auto rows = store::read_rows(environment, ids, store::Lock::no);
  for (auto& subject : piece) {
    const auto found = rows.find(subject.identity.object_id);
    if (found != rows.end()) subject.row = std::move(found->second);
  }
}

class These : public Subjects {
 public:
  These(ReadingSessions sessions, const store::IdentityView& view, std::vector<core::Guid> ids)
      : sessions_(sessions), view_(view), ids_(std::move(ids)) {}

  bool next(std::vector<Subject>& piece) override {
    piece.clear();
    if (at_ >= ids_.size()) return false;
    const auto count = std::min(static_cast<std::size_t>(piece_size), ids_.size() - at_);
    const auto first = ids_.begin() + static_cast<std::ptrdiff_t>(at_);
    at_ += count;
    for (auto& identity :
         read_identities(sessions_.mirror, view_, {first, first + static_cast<std::ptrdiff_t>(count)})) {
      piece.push_back({std::move(identity), std::nullopt});
    }
    add_rows(sessions_.environment, piece);
    return true;
  }

 private:
  ReadingSessions sessions_;
  const store::IdentityView& view_;
  std::vector<core::Guid> ids_;
  std::size_t at_ = 0;
};

class ChangedSince : public Subjects {
 public:
  ChangedSince(ReadingSessions sessions, const store::IdentityView& view, const Since& since,
               std::vector<core::Guid> again)
      : sessions_(sessions), view_(view), moved_(moved(since)) {
    keep_unmoved(again);
    again_.emplace(sessions, view, std::move(again));
    pieces_.emplace(sessions.mirror, "SELECT " + view.columns() + " FROM identity i WHERE " + moved_, piece_size);
  }

  bool next(std::vector<Subject>& piece) override {
    piece.clear();
    if (!pieces_ || !pieces_->next(rows_)) {
      pieces_.reset();  // frees the mirror's session for the rest
      return again_->next(piece);
    }
    for (int row = 0; row < rows_.size(); ++row) {
      if (!view_.is_beyond(rows_, row)) piece.push_back({view_.identity_from(rows_, row), std::nullopt});
    }
    add_rows(sessions_.environment, piece);
    return true;
  }

 private:
  // Two ranges of two indexes: an OR would read the whole table.
  static std::string moved(const Since& since) {
    const auto from = store::to_string(since.evaluated_at);
    return "i.object_id IN (SELECT object_id FROM identity WHERE version > 1 AND version > " +
           std::to_string(since.watermark) + " UNION SELECT object_id FROM identity WHERE account_expires > '" + from +
           "'::timestamptz AND account_expires <= now())";
  }

  // Those that moved come anyway, once.
  void keep_unmoved(std::vector<core::Guid>& ids) {
    if (ids.empty()) return;
    const auto rows = sessions_.mirror.exec_uuids(
        "SELECT i.object_id FROM identity i WHERE i.object_id = ANY ($1) AND " + moved_, uuid_array(ids));
    std::unordered_set<core::Guid> unmoved(ids.begin(), ids.end());
    for (int row = 0; row < rows.size(); ++row) unmoved.erase(store::guid_at(rows, row, 0).value());
    ids.assign(unmoved.begin(), unmoved.end());
    std::sort(ids.begin(), ids.end());
  }

  ReadingSessions sessions_;
  const store::IdentityView& view_;
  std::string moved_;
  std::optional<store::Pieces> pieces_;
  store::Rows rows_;
  std::optional<These> again_;
};

}  // namespace

std::unique_ptr<Subjects> everybody(ReadingSessions sessions, const store::IdentityView& view) {
  return std::make_unique<ReadAhead>(std::make_unique<Everybody>(sessions, view));
}

std::unique_ptr<Subjects> changed_since(ReadingSessions sessions, const store::IdentityView& view, const Since& since,
                                        std::vector<core::Guid> again) {
  return std::make_unique<ChangedSince>(sessions, view, since, std::move(again));
}

std::unique_ptr<Subjects> these(ReadingSessions sessions, const store::IdentityView& view,
                                std::vector<core::Guid> object_ids) {
  return std::make_unique<These>(sessions, view, std::move(object_ids));
}

std::vector<core::Identity> read_identities(store::Connection& mirror, const store::IdentityView& view,
                                            const std::vector<core::Guid>& object_ids) {
  const auto rows = mirror.exec_uuids("SELECT " + view.columns() + " FROM identity i WHERE i.object_id = ANY ($1)",
                                      uuid_array(object_ids));
  std::unordered_map<core::Guid, int> found;
  for (int row = 0; row < rows.size(); ++row)
    found.emplace(store::guid_at(rows, row, store::identity_object_id).value(), row);
  std::vector<core::Identity> identities;
  identities.reserve(object_ids.size());
  for (const auto& id : object_ids) {
    const auto row = found.find(id);
    identities.push_back(row == found.end() ? view.stranger(id) : view.identity_from(rows, row->second));
  }
  return identities;
}

}  // namespace dvsync::sync
