#pragma once
// Parsing what Graph sends.

#include <boost/json.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dvsync::source::graph {

// A parsed text, or a part of one, with the memory it lies in. Moves, never copies: Boost.JSON copies the whole tree
// when values of different memory are assigned to each other.
class Document {
 public:
  Document() = default;
  // nullopt when the text is not JSON, or holds more values than any answer of Graph's: a small text can stand for a
  // tree of gigabytes. Invalid UTF-8 and lone surrogates inside strings do not spoil the rest: they come through as
  // invalid UTF-8, which the reader of that one value finds.
  [[nodiscard]] static std::optional<Document> parse(std::string_view text);
  // A member of the top-level object, taken out of it; empty when there is none.
  [[nodiscard]] Document take(boost::json::object& from, std::string_view key) const;

  Document(Document&&) = default;
  Document& operator=(Document&&) = delete;
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  ~Document() = default;

  [[nodiscard]] const boost::json::value& root() const { return root_; }
  [[nodiscard]] boost::json::value& root() { return root_; }

 private:
  using Memory = std::shared_ptr<boost::json::monotonic_resource>;
  Document(Memory memory, boost::json::value&& root) : memory_(std::move(memory)), root_(std::move(root)) {}

  Memory memory_;  // outlives root_
  boost::json::value root_;
};

// Members of an object that may not be one; nullptr when absent or of another type.
[[nodiscard]] const boost::json::value* find(const boost::json::value& object, std::string_view key);
// A whole number, also one that was written with a fraction; nullopt: none, or none that fits.
[[nodiscard]] std::optional<std::int64_t> whole_number(const boost::json::value& value);
[[nodiscard]] std::string_view text_at(const boost::json::value& object, std::string_view key);

}  // namespace dvsync::source::graph
