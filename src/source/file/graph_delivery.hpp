#pragma once
// From Graph objects to records: decides what an object is, whose memberships are wanted, and what must be rejected.

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "dvsync/source/directory_source.hpp"
#include "source/exported_text.hpp"
#include "source/file/graph_object.hpp"
#include "source/file/group_register.hpp"
#include "source/file/record_reader.hpp"

namespace dvsync::source::file {

class GraphDelivery {
 public:
  enum class Route : std::uint8_t {
    undecided,  // the object has not said yet what and whose it is
    deliver,
    drop,
  };

  explicit GraphDelivery(const ReadingContext& context);

  // Counts the texts that an exporter left in place of values.
  [[nodiscard]] ExportedText& exported() { return exported_; }

  void deliver_to(Page& page) { page_ = &page; }
  void begin_line(std::uint64_t line) {
    line_ = line;
    kinds_.reset();
  }

  // Called by the parser: an object begins, its list of links begins, one link of it, it is complete; an answer is.
  void begin(GraphObject& object) const;
  [[nodiscard]] Route route(const GraphObject& object) const;
  void link(const GraphObject& object, const Link& link);
  void finish(GraphObject& object);
  void finish(const SavedAnswer& answer);

  // Objects of this line whose links did not fit: the line must be read again, between these two calls.
  [[nodiscard]] bool needs_second_reading() const { return !second_reading_.empty(); }
  void begin_second_reading() { reading_again_ = true; }
  void end_second_reading();

  // A line that is not JSON. `object` is what was read of it before it broke; `salvaged` the only id found in its text;
  // `may_hold_links` whether it may be, or hide, a group's or a role's line.
  void reject_line(const GraphObject& object, const std::optional<core::Guid>& salvaged, bool may_hold_links,
                   const std::string& detail);

  void conclude(PullEnd& end);

 private:
  // What a second reading must know of an object from the start.
  struct Owner {
    ObjectKind kind = ObjectKind::group;
    core::Guid id;  // of the group, or the role's template
  };

  [[nodiscard]] ObjectKind kind_of(const GraphObject& object) const;
  void finish_user(GraphObject& object);
  void finish_group(GraphObject& object);
  void finish_role(GraphObject& object);
  void deliver_held(GraphObject& object, const Owner& owner);
  void reject(const GraphObject& object, std::string_view reason, std::string detail);
  void finish_unknown(const GraphObject& object);
  void distrust_roles(const std::string& why);
  // The list that holds objects of this kind goes on somewhere else.
  void cut(ObjectKind kind, const std::string& why);
  [[nodiscard]] ObjectKind only_kind() const;
  [[nodiscard]] std::string where(std::size_t item) const;

  // The pages of one list, as far as they are in the file.
  struct Pages {
    std::uint64_t items = 0;
    std::uint64_t count = 0;  // of the whole list
    ObjectKind kind = ObjectKind::unstated;
    std::string cut;  // why something is missing; empty: the last page was there
  };

  const ReadingContext& context_;
  GroupRegister groups_;
  ExportedText exported_;
  std::bitset<6> kinds_;                // of the objects since the last answer ended
  std::map<std::string, Pages> pages_;  // by @odata.context
  std::string users_cut_;               // why the users are not all there
  std::string roles_cut_;
  std::string trouble_with_roles_;
  Page* page_ = nullptr;
  std::uint64_t line_ = 0;
  std::map<std::size_t, Owner> second_reading_;  // by item
  bool reading_again_ = false;
};

}  // namespace dvsync::source::file
