#pragma once
// From Graph objects to records: decides what an object is, whose memberships are wanted, and what must be rejected.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "dvsync/source/directory_source.hpp"
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

  void deliver_to(Page& page) { page_ = &page; }
  void begin_line(std::uint64_t line) { line_ = line; }

  // Called by the parser: an object begins, its list of links begins, one link of it, it is complete.
  void begin(GraphObject& object) const;
  [[nodiscard]] Route route(const GraphObject& object) const;
  void link(const GraphObject& object, const Link& link);
  void finish(GraphObject& object);

  // Objects of this line whose links did not fit: the line must be read again, between these two calls.
  [[nodiscard]] bool needs_second_reading() const { return !second_reading_.empty(); }
  void begin_second_reading() { reading_again_ = true; }
  void end_second_reading();

  // A line that is not JSON. `object` is what was read of it before it broke; `salvaged` the only id found in its text;
  // `may_hold_links` whether it may be, or hide, a group's or a role's line.
  void reject_line(const GraphObject& object, const std::optional<core::Guid>& salvaged, bool may_hold_links,
                   const std::string& detail);

  void conclude(PullEnd& end) const;

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
  void distrust_roles(const std::string& why);
  [[nodiscard]] std::string where(const GraphObject& object) const;

  const ReadingContext& context_;
  GroupRegister groups_;
  std::string trouble_with_roles_;
  Page* page_ = nullptr;
  std::uint64_t line_ = 0;
  std::map<std::size_t, Owner> second_reading_;  // by item
  bool reading_again_ = false;
  std::vector<std::string> warnings_;
};

}  // namespace dvsync::source::file
