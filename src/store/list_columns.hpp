#pragma once
// Lists of columns in SQL, made from the tables of names in this folder.

#include <string>
#include <string_view>

namespace dvsync::store {

// `form` for each name, which stands for every `{}` in it: "b.{}" makes "b.a, b.b", and "{} = b.{}" "a = b.a, b = b.b".
template <class Names>
[[nodiscard]] std::string list_columns(const Names& names, std::string_view form) {
  std::string columns;
  for (const std::string_view name : names) {
    if (!columns.empty()) columns += ", ";
    std::size_t copied = 0;
    for (auto place = form.find("{}"); place != form.npos; place = form.find("{}", copied)) {
      columns.append(form.substr(copied, place - copied)).append(name);
      copied = place + 2;
    }
    columns.append(form.substr(copied));
  }
  return columns;
}

}  // namespace dvsync::store
