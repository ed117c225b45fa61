#include "source/file/graph_parser.hpp"

#include <algorithm>

#include "source/file/graph_object.hpp"
#include "source/text_value.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;
using Relation = MembershipRecord::Relation;
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
  kind_of_answer_ = ObjectKind::unknown;
  object_.clear();
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
      } else {
        wrong_type();
        skip();
      }
      break;
    case Frame::plans:
      push(Frame::plan);
      plan_.reset();
      plan_counts_ = false;
      break;
    case Frame::links:
      push(Frame::link);
      link_.id.reset();
      link_.kind = ObjectKind::unknown;
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
    end_object();
  } else if (frame == Frame::plan) {
    end_plan();
  } else if (frame == Frame::link) {
    end_link();
  } else if (frame == Frame::removed) {
    end_removed();
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
  if (frame == Frame::plans) end_plans();
  if (frame == Frame::phones) end_phones();
  if (frame == Frame::links) end_links();
  return true;
}

void GraphParser::begin_object(std::size_t item) {
  if (has_object_) object_.clear();
  has_object_ = true;
  object_.item = item;
  object_.likely = kind_of_answer_;
  delivery_.begin(object_);
  push(Frame::object);
}

void GraphParser::begin_list_of_object() {
  switch (property_->key) {
    case GraphKey::assigned_plans:
      push(Frame::plans);
      plans_.clear();
      break;
    case GraphKey::business_phones:
      push(Frame::phones);
      has_phone_ = false;
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
      if (object_.item == 0 && !object_.id && !holds_several_) {  // no object but an answer that lists objects
        holds_several_ = true;
        kind_of_answer_ = object_.likely;
        frames_[depth_] = Frame::answer;
        push(Frame::objects);
        break;
      }
      skip();
      break;
    default:
      wrong_type();
      skip();
  }
}

void GraphParser::begin_links(Relation relation, bool expanded) {
  push(Frame::links);
  expanded_ = expanded;
  links_ = 0;
  link_.relation = relation;
  route_ = delivery_.route(object_);
}

void GraphParser::end_object() {
  if (holds_several_) delivery_.finish(object_);
}

void GraphParser::end_plan() {
  if (!plan_counts_) return;
  if (plan_) {
    plans_.push_back(*plan_);
  } else if (object_.fault.empty()) {
    object_.fault = "an assigned plan has no usable servicePlanId";
  }
}

void GraphParser::end_plans() {
  std::ranges::sort(plans_);
  const auto repeated = std::ranges::unique(plans_);
  object_.user.plans.emplace(plans_.begin(), repeated.begin());
}

void GraphParser::end_link() {
  ++links_;
  if (!link_.id && link_.kind != ObjectKind::other) object_.link_fault = true;
  if (route_ == Route::deliver) {
    delivery_.link(object_, link_);
  } else if (route_ == Route::undecided && object_.held.size() < links_held) {
    object_.held.push_back(link_);
  } else if (route_ == Route::undecided) {
    object_.held_overflowed = true;
  }
}

void GraphParser::end_links() {
  object_.links_may_be_cut = object_.links_may_be_cut || (expanded_ && links_ == most_expanded);
}

void GraphParser::end_removed() {
  if (object_.removal == GraphObject::Removal::none && object_.fault.empty()) {
    object_.fault = "@removed has no reason";
  }
}

void GraphParser::end_phones() {
  if (!has_phone_) clear_text(object_.user, Attribute::business_phone);
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
  if (top() == Frame::object) note_kind(object_, *property_);
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
      set_property(object_, *property_, value);
      break;
    case Frame::phones:
      if (!has_phone_) set_text(object_.user, Attribute::business_phone, value);
      has_phone_ = true;
      break;
    case Frame::plan:
      if (property_->key == GraphKey::service_plan_id) plan_ = core::parse_guid(value);
      if (property_->key == GraphKey::capability_status) plan_counts_ = value == "Enabled" || value == "Warning";
      break;
    case Frame::link:
      if (property_->key == GraphKey::id) link_.id = core::parse_guid(value);
      if (property_->key == GraphKey::odata_type) link_.kind = object_kind(value);
      break;
    case Frame::removed:
      if (property_->key == GraphKey::reason) set_removal(object_, value);
      break;
    case Frame::plans:
    case Frame::links:
      wrong_type();
      break;
    case Frame::document:
    case Frame::answer:
    case Frame::objects:
      break;
  }
}

bool GraphParser::number() {
  if (skipped_ == 0) wrong_type();
  return true;
}

bool GraphParser::on_bool(bool value, error_code&) {
  if (skipped_ > 0) return true;
  if (top() == Frame::object && property_->key == GraphKey::account_enabled) {
    object_.user.account_enabled = value;
  } else {
    wrong_type();
  }
  return true;
}

bool GraphParser::on_null(error_code&) {
  if (skipped_ == 0 && top() == Frame::object) clear_property(object_, *property_);
  return true;
}

void GraphParser::wrong_type() {
  if (top() == Frame::links) object_.link_fault = true;
  if (top() == Frame::object || top() == Frame::phones || top() == Frame::plans) note_wrong_type(object_, *property_);
}

}  // namespace dvsync::source::file
