#pragma once
// A list of any length, entry by entry: a table for people, JSON or comma separated values for programs.

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "terminal/output.hpp"
#include "terminal/table.hpp"

namespace dvsync::cli {

enum class Format : std::uint8_t { text, json, csv };

class Listing {
 public:
  // `name`: the list's key in JSON. `like`: an entry, whose keys are the heading of comma separated values.
  Listing(Output& out, Format format, std::string name, const boost::json::object& like,
          std::vector<Table::Heading> headings);

  [[nodiscard]] bool is_text() const { return format_ == Format::text; }
  [[nodiscard]] std::size_t entries() const { return entries_; }

  // `cells`: as many as headings, for people; called for no other format.
  template <class Cells>
  void add(const boost::json::object& entry, const Cells& cells) {
    ++entries_;
    if (format_ == Format::text) {
      add_row(cells());
    } else {
      add_object(entry);
    }
  }
  // `beside`: what stands beside the list in JSON. For people it is what the caller writes below, after this.
  void end(const boost::json::object& beside = {});

 private:
  void add_row(std::vector<Cell> cells);
  void add_object(const boost::json::object& entry);

  Output& out_;
  Format format_;
  std::string name_;
  Table table_;
  std::size_t entries_ = 0;
};

}  // namespace dvsync::cli
