#include "source/file/graph_parser.hpp"

#include <algorithm>

#include "source/text_value.hpp"

namespace dvsync::source::file {
namespace {

using Route = GraphDelivery::Route;

constexpr std::size_t longest_key = 64;  // longer ones are nobody's we know

std::string_view view(boost::json::string_view text) { return {text.data(), text.size()}; }

void append_up_to(std::string& text, std::string_view part, std::size_t most) {
  text.append(part.substr(0, most - std::min(most, text.size())));
}

}  // namespace

void GraphParser::begin_document() {
  depth_ = 0;
  skipped_ = 0;
  collected_.clear();
  holds_several_ = false;
  has_object_ = false;
  items_ = 0;
  answer_.begin();
  object_.begin(snapshot_, 0);
}

void GraphParser::finish_document() {
  if (has_object_ && !holds_several_) delivery_.finish(object_);
}

bool GraphParser::on_object_begin(error_code&) {
  if (skipped_ > 0) {
    ++skipped_;
    return true;
  }
  switch (top()) {
    case Frame::document:
      begin_object(0);
      break;
    case Frame::objects:
      begin_object(++items_);
      break;
    case Frame::object:
      if (property_->key == GraphKey::removed) {
        push(Frame::removed);
        has_reason_ = false;
      } else {
        wrong_type();
        skip();
      }
      break;
    case Frame::plans:
      push(Frame::plan);
      plan_id_.clear();
      plan_status_.clear();
      break;
    case Frame::links:
      push(Frame::link);
      link_.id.reset();
      link_.kind = ObjectKind::unstated;
      link_.removed = false;
      break;
    case Frame::link:
      link_.removed = link_.removed || property_->key == GraphKey::removed;
      skip();
      break;
    case Frame::phones:
      wrong_type();
      [[fallthrough]];
    case Frame::answer:
    case Frame::plan:
    case Frame::removed:
      skip();
      break;
  }
  return true;
}

bool GraphParser::on_object_end(std::size_t, error_code&) {
  if (skipped_ > 0) {
    --skipped_;
    return true;
  }
  const Frame frame = top();
  --depth_;
  if (frame == Frame::object) {
    if (holds_several_) delivery_.finish(object_);
  } else if (frame == Frame::answer) {
    delivery_.finish(answer_);
    answer_.begin();
  } else if (frame == Frame::plan) {
    object_.user.add_plan(plan_id_, plan_status_);
  } else if (frame == Frame::link) {
    end_link();
  } else if (frame == Frame::removed && !has_reason_) {
    object_.user.set_removal({});
  }
  return true;
}

bool GraphParser::on_array_begin(error_code&) {
  if (skipped_ > 0) {
    ++skipped_;
  } else if (top() == Frame::document) {
    holds_several_ = true;
    push(Frame::objects);
  } else if (top() == Frame::object) {
    begin_list_of_object();
  } else {
    wrong_type();
    skip();
  }
  return true;
}

bool GraphParser::on_array_end(std::size_t, error_code&) {
  if (skipped_ > 0) {
    --skipped_;
    return true;
  }
  const Frame frame = top();
  --depth_;
  if (frame == Frame::plans) object_.user.end_plans();
  if (frame == Frame::phones) object_.user.end_phones();
  return true;
}

void GraphParser::begin_object(std::size_t item) {
  if (depth_ < deepest_answer) answer_.begin();  // not an item of an answer
  if (has_object_) object_.begin(snapshot_, item);
  has_object_ = true;
  object_.item = item;
  object_.likely = answer_.kind;
  ++answer_.items;
  delivery_.begin(object_);
  push(Frame::object);
}

// It is no object but an answer that lists objects; what it has said so far is the answer's.
void GraphParser::begin_answer() {
  holds_several_ = true;
  answer_.items = 0;
  answer_.kind = object_.likely;
  answer_.goes_on = answer_.goes_on || object_.goes_on;
  frames_[depth_] = Frame::answer;
  push(Frame::objects);
}

void GraphParser::begin_list_of_object() {
  switch (property_->key) {
    case GraphKey::assigned_plans:
      push(Frame::plans);
      object_.user.begin_plans();
      break;
    case GraphKey::business_phones:
      push(Frame::phones);
      object_.user.begin_phones();
      break;
    case GraphKey::members:
      begin_links(Relation::member, false);
      break;
    case GraphKey::owners:
      begin_links(Relation::owner, false);
      break;
    case GraphKey::expanded_members:
      begin_links(Relation::member, true);
      break;
    case GraphKey::expanded_owners:
      begin_links(Relation::owner, true);
      break;
    case GraphKey::value:
      if (!object_.user.id() && depth_ <= deepest_answer) {
        begin_answer();
      } else {
        skip();
      }
      break;
    default:
      wrong_type();
      skip();
  }
}

void GraphParser::begin_links(Relation relation, bool expanded) {
  push(Frame::links);
  LinkList& list = object_.list(relation);
  list.expanded = list.expanded || expanded;
  link_.relation = relation;
  route_ = delivery_.route(object_);
}

void GraphParser::end_link() {
  ++object_.list(link_.relation).links;
  if (!link_.id && link_.kind != ObjectKind::other && link_.kind != ObjectKind::role) object_.link_fault = true;
  if (route_ == Route::deliver) {
    delivery_.link(object_, link_);
  } else if (route_ == Route::undecided && object_.held.size() < links_held) {
    object_.held.push_back(link_);
  } else if (route_ == Route::undecided) {
    object_.held_overflowed = true;
  }
}

bool GraphParser::reads_values() const {
  return skipped_ == 0 && (property_->key != GraphKey::other || top() == Frame::phones || top() == Frame::links);
}

bool GraphParser::on_key_part(string_view part, std::size_t, error_code&) {
  if (skipped_ == 0) append_up_to(collected_, view(part), longest_key);
  return true;
}

bool GraphParser::on_key(string_view last, std::size_t, error_code&) {
  if (skipped_ > 0) return true;
  if (collected_.empty()) {
    property_ = find_graph_property(view(last));
  } else {
    append_up_to(collected_, view(last), longest_key);
    property_ = find_graph_property(collected_);
    collected_.clear();
  }
  if (top() == Frame::object) object_.note_kind(*property_);
  return true;
}

bool GraphParser::on_string_part(string_view part, std::size_t, error_code&) {
  // A little more than is used, so that cutting finds the border of a character.
  if (reads_values()) append_up_to(collected_, view(part), longest_value + 4);
  return true;
}

bool GraphParser::on_string(string_view last, std::size_t, error_code&) {
  if (!reads_values()) return true;
  if (collected_.empty()) {
    text(view(last));
  } else {
    append_up_to(collected_, view(last), longest_value + 4);
    text(collected_);
    collected_.clear();
  }
  return true;
}

void GraphParser::text(std::string_view value) {
  switch (top()) {
    case Frame::object:
      object_.set(*property_, value);
      if (depth_ <= deepest_answer && SavedAnswer::is_told_by_objects(property_->key)) answer_.set(*property_, value);
      break;
    case Frame::answer:
      answer_.set(*property_, value);
      break;
    case Frame::phones:
      object_.user.add_phone(value);
      break;
    case Frame::plans:
      object_.user.add_plan(value);
      break;
    case Frame::plan:
      if (property_->key == GraphKey::service_plan_id) plan_id_ = value;
      if (property_->key == GraphKey::capability_status) plan_status_ = value;
      break;
    case Frame::link:
      if (property_->key == GraphKey::id) link_.id = core::parse_guid(value);
      if (property_->key == GraphKey::odata_type) link_.kind = graph_type(value).kind;
      break;
    case Frame::removed:
      if (property_->key == GraphKey::reason) {
        has_reason_ = true;
        object_.user.set_removal(value);
      }
      break;
    case Frame::links:
      wrong_type();
      break;
    case Frame::document:
    case Frame::objects:
      break;
  }
}

bool GraphParser::number(std::uint64_t value) {
  if (skipped_ > 0) return true;
  if (top() == Frame::answer) {
    answer_.set(*property_, value);
  } else if (top() == Frame::object) {
    object_.set(*property_, value);
    if (depth_ <= deepest_answer) answer_.set(*property_, value);
  } else {
    wrong_type();
  }
  return true;
}

bool GraphParser::other_value() {
  if (skipped_ == 0) wrong_type();
  return true;
}

bool GraphParser::on_bool(bool value, error_code&) {
  if (skipped_ > 0) return true;
  if (top() == Frame::object) {
    object_.user.set(*property_, value);
  } else {
    wrong_type();
  }
  return true;
}

bool GraphParser::on_null(error_code&) {
  if (skipped_ == 0 && top() == Frame::object) object_.user.set_null(*property_);
  return true;
}

void GraphParser::wrong_type() {
  if (top() == Frame::links) object_.link_fault = true;
  if (top() == Frame::object || top() == Frame::phones || top() == Frame::plans) object_.user.set_other(*property_);
}

}  // namespace dvsync::source::file
