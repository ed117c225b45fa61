// graph-jsonl: one Graph object a line, or saved Graph answers ({"value": […]}) one a line or written over many.

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <cstring>
#include <string>
#include <string_view>

#include "dvsync/error.hpp"
#include "source/file/broken_line.hpp"
#include "source/file/graph_delivery.hpp"
#include "source/file/graph_parser.hpp"
#include "source/file/record_reader.hpp"
#include "source/lone_surrogates.hpp"

namespace dvsync::source::file {
namespace {

// Fed at once at most: a page may exceed its size by what this many bytes hold.
constexpr std::size_t slice_size = std::size_t{32} << 10U;
constexpr std::string_view blanks = " \t\r\n";

boost::json::parse_options options() {
  boost::json::parse_options options;
  options.allow_invalid_utf8 = true;  // one bad value must not cost the whole record: values are checked one by one
  return options;
}

// Written over many lines: nothing but the opening brace stands on the first.
bool is_one_document(std::string_view start) {
  start.remove_prefix(std::min(start.find_first_not_of(blanks), start.size()));
  if (start.empty() || (start.front() != '{' && start.front() != '[')) return false;
  const std::size_t next = start.find_first_not_of(" \t\r", 1);
  return next != std::string_view::npos && start[next] == '\n';
}

class GraphReader final : public RecordReader {
 public:
  explicit GraphReader(const ReadingContext& context)
      : context_(context), delivery_(context_), parser_(options(), delivery_, context.is_snapshot()) {
    is_document_ = is_one_document(context_.input.head(4096));
  }

  bool read(Page& page, const std::stop_token& stop) override {
    delivery_.deliver_to(page);
    while (page.size() < records_a_page) {
      const std::string_view window = context_.input.window(stop);
      if (window.empty()) {
        if (!end_of_file()) return false;
      } else if (in_line_) {
        read_slice(window.substr(0, slice_size));
      } else {
        seek_line(window);
      }
    }
    return true;
  }

  void conclude(PullEnd& end) override { delivery_.conclude(end); }

 private:
  // Consumes blanks, and starts a line at the first other character.
  void seek_line(std::string_view window) {
    const std::size_t begin = std::min(window.find_first_not_of(blanks), window.size());
    count_lines(window.substr(0, begin));
    context_.input.consume(begin);
    if (begin == window.size()) return;
    line_start_ = context_.input.offset();
    line_start_number_ = line_number_;
    delivery_.begin_line(line_number_);
    begin_line();
  }

  void begin_line() {
    in_line_ = true;
    broken_ = false;
    detail_.clear();
    parser_.reset();
    surrogates_.reset();
    parser_.handler().begin_document();
  }

  void read_slice(std::string_view slice) {
    if (is_document_) return read_document(slice);
    const auto* const newline = static_cast<const char*>(std::memchr(slice.data(), '\n', slice.size()));
    const bool last = newline != nullptr;
    const std::string_view text = last ? slice.substr(0, static_cast<std::size_t>(newline - slice.data())) : slice;
    if (!broken_ && parse(text, last) < text.size()) note_broken("there is text behind the object");
    context_.input.consume(text.size());
    if (last) end_line();
  }

  void read_document(std::string_view slice) {
    const std::size_t used = parse(slice, false);
    count_lines(slice.substr(0, used));
    context_.input.consume(used);
    if (broken_) {
      throw SourceError(SourceError::Kind::malformed,
                        place() + ": the JSON document that begins here is broken behind its item " +
                            std::to_string(parser_.handler().items()) + ": export it again");
    }
    if (parser_.done()) end_line();
  }

  std::size_t parse(std::string_view text, bool last) {
    boost::json::error_code error;
    const std::string_view sound =
        surrogates_.overwrite(text, [&] { return context_.input.peek_behind(text.size(), longest_json_escape); });
    const std::size_t used = parser_.write_some(!last, sound.data(), sound.size(), error);
    if (!error) return used;
    note_broken("it is not valid JSON");
    return text.size();
  }

  void note_broken(std::string detail) {
    if (!broken_) detail_ = std::move(detail);
    broken_ = true;
  }

  // The parser has the whole line, or the line is broken.
  void end_line() {
    in_line_ = false;
    GraphParser& handler = parser_.handler();
    if (!broken_ && handler.holds_none()) note_broken("it is not a JSON object");
    if (broken_) return reject_line();
    handler.finish_document();
    if (reading_again_) {
      reading_again_ = false;
      delivery_.end_second_reading();
    } else if (delivery_.needs_second_reading()) {
      reading_again_ = true;
      delivery_.begin_second_reading();
      context_.input.seek(line_start_);
      line_number_ = line_start_number_;
      begin_line();
    }
  }

  void reject_line() {
    const std::string prefix = context_.input.peek(line_start_, broken_line_prefix);
    const BrokenLine line = examine_broken_line(std::string_view(prefix).substr(0, prefix.find('\n')));
    const GraphParser& handler = parser_.handler();
    if (handler.holds_several() || line.several_records) {  // whoever else is in this line is lost with it
      delivery_.reject_line(GraphObject(), std::nullopt, true, detail_);
    } else {
      const auto id = handler.object().user.id() ? handler.object().user.id() : line.object_id;
      delivery_.reject_line(handler.object(), id, line.may_hold_links, detail_);
    }
  }

  // Whether there is more to read after all.
  bool end_of_file() {
    if (!in_line_) return false;
    const bool complete = is_document_ ? parser_.done() : !broken_ && parse({}, true) == 0 && !broken_;
    if (!complete) {
      throw SourceError(SourceError::Kind::malformed,
                        place() + ": the file ends in the middle of a record, so it is truncated: export it again");
    }
    end_line();
    return in_line_;  // for a second reading
  }

  [[nodiscard]] std::string place() const { return context_.input.name() + ":" + std::to_string(line_start_number_); }

  void count_lines(std::string_view text) {
    line_number_ += static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
  }

  const ReadingContext context_;
  GraphDelivery delivery_;
  boost::json::basic_parser<GraphParser> parser_;
  LoneSurrogates surrogates_;
  bool is_document_ = false;
  bool in_line_ = false;
  bool broken_ = false;
  bool reading_again_ = false;
  std::string detail_;
  std::uint64_t line_number_ = 1;
  std::uint64_t line_start_ = 0;  // offset of the line at hand
  std::uint64_t line_start_number_ = 1;
};

}  // namespace

std::unique_ptr<RecordReader> make_graph_reader(const ReadingContext& context) {
  return std::make_unique<GraphReader>(context);
}

}  // namespace dvsync::source::file
