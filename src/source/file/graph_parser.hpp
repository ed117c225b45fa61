#pragma once
// Receives the JSON of one line as events and builds Graph objects from it. Nothing of the line is kept but the values
// that matter, each cut at `longest_value`.

#include <array>
#include <boost/json/error.hpp>
#include <boost/json/string_view.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "source/file/graph_delivery.hpp"
#include "source/file/graph_object.hpp"
#include "source/graph_schema.hpp"

namespace dvsync::source::file {

class GraphParser {
 public:
  GraphParser(GraphDelivery& delivery, bool snapshot)
      : delivery_(delivery), object_(&delivery.exported()), snapshot_(snapshot) {}

  void begin_document();
  // A line that is one object: hand it over now that the line is known to be sound. (Objects of an answer's "value"
  // are handed over one by one.)
  void finish_document();

  [[nodiscard]] const GraphObject& object() const { return object_; }
  // The line holds a list of objects, or an answer with one.
  [[nodiscard]] bool holds_several() const { return holds_several_; }
  [[nodiscard]] std::size_t items() const { return items_; }
  [[nodiscard]] bool holds_none() const { return !holds_several_ && !has_object_; }

  // What boost::json::basic_parser demands of a handler.
  using error_code = boost::json::error_code;
  using string_view = boost::json::string_view;
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();
  static bool on_document_begin(error_code&) { return true; }
  static bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&);
  bool on_object_end(std::size_t, error_code&);
  bool on_array_begin(error_code&);
  bool on_array_end(std::size_t, error_code&);
  bool on_key_part(string_view part, std::size_t, error_code&);
  bool on_key(string_view last, std::size_t, error_code&);
  bool on_string_part(string_view part, std::size_t, error_code&);
  bool on_string(string_view last, std::size_t, error_code&);
  static bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t value, string_view, error_code&) {
    return value < 0 ? other_value() : number(static_cast<std::uint64_t>(value));
  }
  bool on_uint64(std::uint64_t value, string_view, error_code&) { return number(value); }
  bool on_double(double, string_view, error_code&) { return other_value(); }
  bool on_bool(bool value, error_code&);
  bool on_null(error_code&);
  static bool on_comment_part(string_view, error_code&) { return true; }
  static bool on_comment(string_view, error_code&) { return true; }

 private:
  // Where the parser is. The deepest place is a plan of a user of an answer in a list of answers.
  enum class Frame : std::uint8_t { document, answer, objects, object, plans, plan, phones, links, link, removed };
  static constexpr std::size_t deepest_frame = 8;
  static constexpr std::size_t deepest_answer = 2;

  [[nodiscard]] Frame top() const { return frames_[depth_]; }
  void push(Frame frame) { frames_[++depth_] = frame; }
  [[nodiscard]] bool reads_values() const;
  void skip() { skipped_ = 1; }
  bool number(std::uint64_t value);
  bool other_value();

  void begin_object(std::size_t item);
  void begin_answer();
  void begin_list_of_object();
  void begin_links(Relation relation, bool expanded);
  void end_link();
  void text(std::string_view value);
  void wrong_type();

  GraphDelivery& delivery_;
  GraphObject object_;
  SavedAnswer answer_;
  bool snapshot_;
  std::array<Frame, deepest_frame> frames_{Frame::document};
  std::size_t depth_ = 0;
  std::size_t skipped_ = 0;  // how deep inside a value nobody asked for
  const GraphProperty* property_ = find_graph_property({});
  std::string collected_;  // parts of a key or a text that came in several
  bool holds_several_ = false;
  bool has_object_ = false;
  std::size_t items_ = 0;
  GraphDelivery::Route route_ = GraphDelivery::Route::drop;  // of the list of links at hand
  Link link_;
  std::string plan_id_;
  std::string plan_status_;
  bool has_reason_ = false;
};

}  // namespace dvsync::source::file
