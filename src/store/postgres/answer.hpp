#pragma once
// A query's answer as the PostgreSQL libraries hold it. Private to store/postgres.

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <pqxx/pqxx>
#include <string_view>

namespace dvsync::store {

class Answer {
 public:
  Answer() = default;
  virtual ~Answer() = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  [[nodiscard]] virtual bool binary() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  [[nodiscard]] virtual int columns() const = 0;
  [[nodiscard]] virtual bool null(int row, int column) const = 0;
  [[nodiscard]] virtual std::string_view text(int row, int column) const = 0;
  [[nodiscard]] virtual std::int64_t affected() const = 0;
};

// libpqxx's: always text.
class TextAnswer final : public Answer {
 public:
  explicit TextAnswer(const pqxx::result& result) : result_(result) {}
  [[nodiscard]] bool binary() const override { return false; }
  [[nodiscard]] int size() const override { return static_cast<int>(result_.size()); }
  [[nodiscard]] int columns() const override { return static_cast<int>(result_.columns()); }
  [[nodiscard]] bool null(int row, int column) const override { return field(row, column).is_null(); }
  [[nodiscard]] std::string_view text(int row, int column) const override {
    const auto value = field(row, column);
    return {value.c_str(), value.size()};
  }
  [[nodiscard]] std::int64_t affected() const override { return static_cast<std::int64_t>(result_.affected_rows()); }

 private:
  [[nodiscard]] pqxx::field field(int row, int column) const {
    return result_[static_cast<pqxx::result_size_type>(row)][static_cast<pqxx::row_size_type>(column)];
  }
  pqxx::result result_;
};

using ResultHandle = std::unique_ptr<PGresult, decltype(&PQclear)>;
[[nodiscard]] inline ResultHandle owned(PGresult* result) { return {result, &PQclear}; }

// libpq's, of a binary look-up.
class BinaryAnswer final : public Answer {
 public:
  explicit BinaryAnswer(ResultHandle result) : result_(std::move(result)) {}
  [[nodiscard]] bool binary() const override { return PQbinaryTuples(result_.get()) != 0; }
  [[nodiscard]] int size() const override { return PQntuples(result_.get()); }
  [[nodiscard]] int columns() const override { return PQnfields(result_.get()); }
  [[nodiscard]] bool null(int row, int column) const override { return PQgetisnull(result_.get(), row, column) != 0; }
  [[nodiscard]] std::string_view text(int row, int column) const override {
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
  }
  [[nodiscard]] std::int64_t affected() const override;

 private:
  ResultHandle result_;
};

}  // namespace dvsync::store
