#include "init/filled_form.hpp"

#include <algorithm>
#include <string_view>

#include "dvsync/config/outline.hpp"

namespace dvsync::cli {
namespace {

using config::SampleForm;

constexpr const char* directory_section = "directory";
constexpr const char* database_section = "database";
constexpr const char* environments_section = "environments";

// Those of the directory that name a file for dvsync alone, as the readers of configurations have it.
bool names_secret_file(const std::string& key) {
  static const auto outline = config::every_key();
  for (const auto& section : outline.keys) {
    if (section.name != directory_section) continue;
    return std::ranges::any_of(section.below.front()->keys,
                               [&](const auto& one) { return one.name == key && one.shape.secret_file; });
  }
  return false;
}

std::vector<std::string> words_of_list(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const auto word = text.substr(0, end);
    const auto first = word.find_first_not_of(' ');
    if (first != std::string_view::npos) {
      words.emplace_back(word.substr(first, word.find_last_not_of(' ') - first + 1));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// What the sample says about a key, as a question; an example is shown, and is nobody's proposal.
std::string question_about(const SampleForm::Key& key) {
  auto question = "  " + key.name;
  if (!key.comment.empty()) question += ", " + key.comment;
  if (config::is_example(key.value)) question += " (such as " + key.value + ")";
  return question;
}

class Filling {
 public:
  Filling(const std::filesystem::path& file, Interview& interview, NewSecrets& secrets, SampleForm form)
      : file_(file), interview_(interview), secrets_(secrets), form_(std::move(form)) {}

  void directory(const Answers& answers) {
    for (const auto& [name, value] : answers.directory) form_.set(directory_section, name, value);
    for (const auto& key : form_.keys(directory_section)) {
      const bool answered =
          std::ranges::any_of(answers.directory, [&](const auto& answer) { return answer.first == key.name; });
      if (key.name == "type") continue;
      if (interview_.anybody() && !answered) ask(directory_section, key);
      if (names_secret_file(key.name)) make_secret(key.name);
    }
  }

  void database(const Answers& answers) {
    if (answers.connection) form_.set(database_section, "connection", *answers.connection);
    if (answers.connection || !interview_.anybody()) return;
    for (const auto& key : form_.keys(database_section)) ask(database_section, key);
  }

  void environments(const Answers& answers) {
    form_.set_environments(answers.environments);
    if (!answers.environments.empty() || !interview_.anybody()) return;
    while (true) {
      auto tried = form_;
      tried.set_environments(words_of_list(interview_.ask("  environments, by name, with commas between them", "")));
      if (!told_mistake(tried, environments_section, "")) {
        form_ = std::move(tried);
        return;
      }
    }
  }

  [[nodiscard]] SampleForm take() { return std::move(form_); }

 private:
  void ask(const char* section, const SampleForm::Key& key) {
    while (true) {
      const bool example = config::is_example(key.value);
      form_.set(section, key.name, interview_.ask(question_about(key), example ? "" : key.value));
      // A file that is not there yet is made next.
      if (names_secret_file(key.name) || !told_mistake(form_, section, key.name)) return;
    }
  }

  bool told_mistake(const SampleForm& form, const char* section, const std::string& key) {
    const auto mistake = form.mistake(file_, section, key);
    if (mistake) interview_.say("  " + *mistake + "\n");
    return mistake.has_value();
  }

  void make_secret(const std::string& key) {
    const auto keys = form_.keys(directory_section);
    const auto found = std::ranges::find(keys, key, &SampleForm::Key::name);
    if (found == keys.end() || found->value.starts_with('$')) return;  // systemd's
    const auto secret = std::filesystem::absolute(file_).parent_path() / found->value;
    std::error_code ignored;
    if (std::filesystem::exists(secret, ignored)) return secrets_.found(secret);
    secrets_.make(secret,
                  interview_.anybody() ? interview_.ask_secret("  what " + secret.string() + " shall hold") : "");
  }

  const std::filesystem::path& file_;
  Interview& interview_;
  NewSecrets& secrets_;
  SampleForm form_;
};

std::string directory_type(const Answers& answers, Interview& interview) {
  const auto types = SampleForm::directory_types();
  if (answers.directory_type) return *answers.directory_type;
  if (!interview.anybody()) return types.front();
  std::string known;
  for (const auto& type : types) known += (known.empty() ? "" : ", ") + type;
  while (true) {
    auto type = interview.ask("Where do identities come from (" + known + ")?", types.front());
    if (std::ranges::find(types, type) != types.end()) return type;
  }
}

}  // namespace

SampleForm filled_form(const std::filesystem::path& file, const Answers& answers, Interview& interview,
                       NewSecrets& secrets) {
  Filling filling(file, interview, secrets, SampleForm(directory_type(answers, interview)));
  filling.directory(answers);
  if (interview.anybody() && !answers.connection) interview.say("PostgreSQL\n");
  filling.database(answers);
  if (interview.anybody() && answers.environments.empty()) interview.say("Dataverse environments\n");
  filling.environments(answers);
  return filling.take();
}

}  // namespace dvsync::cli
