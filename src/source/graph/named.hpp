#pragma once
// A round that had to start over has already delivered pages. What they named and the final attempt did not name again
// vanished in between; the pull must say so, because what it named once counts as there.

#include <algorithm>
#include <vector>

namespace dvsync::source::graph {

template <class Key>
class Named {
 public:
  void add(const Key& key) { current_.push_back(key); }

  void start_over() {
    abandoned_.insert(abandoned_.end(), current_.begin(), current_.end());
    current_.clear();
  }

  // Named by an abandoned attempt only. Call it once, at the end.
  [[nodiscard]] std::vector<Key> vanished() {
    std::vector<Key> keys;
    if (!abandoned_.empty()) {
      sort(abandoned_);
      sort(current_);
      std::set_difference(abandoned_.begin(), abandoned_.end(), current_.begin(), current_.end(),
                          std::back_inserter(keys));
    }
    abandoned_ = {};
    current_ = {};
    return keys;
  }

 private:
  static void sort(std::vector<Key>& keys) {
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  }

  std::vector<Key> current_;
  std::vector<Key> abandoned_;
};

}  // namespace dvsync::source::graph
