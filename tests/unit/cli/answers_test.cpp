#include "user/answers.hpp"

#include <gtest/gtest.h>
#include <sysexits.h>

#include "dvsync/sync/user_operations.hpp"
#include "explain/reasons.hpp"

namespace dvsync::cli {
namespace {

sync::RequestOutcome let_in() {
  sync::RequestOutcome answer;
  answer.asked = "ana@contoso.example";
  answer.decision = core::Decision::create;
  answer.access = true;
  answer.reason = "entitled";
  answer.object_id = core::Guid{};
  return answer;
}

sync::RequestOutcome refused(const std::string& reason) {
  auto answer = let_in();
  answer.decision = core::Decision::refuse;
  answer.access = false;
  answer.reason = reason;
  return answer;
}

TEST(Answers, SayInOneLineWhatBecameOfAUser) {
  EXPECT_EQ(line_of(let_in(), Paint()), "+ ana@contoso.example: created, may enter (entitled)\n");
  EXPECT_EQ(line_of(refused("no_license"), Paint()),
            "x ana@contoso.example: refused, may not enter (no_license): the user has no service plan that entitles to "
            "this environment\n");
}

TEST(Answers, ShowTheDirectorysNameOfWhoWasAskedForOtherwise) {
  auto answer = let_in();
  answer.asked = "6a0c8f52-0000-4000-8000-000000000002";
  answer.user_name = "ana@contoso.example";
  EXPECT_EQ(line_of(answer, Paint()),
            "+ 6a0c8f52-0000-4000-8000-000000000002 (ana@contoso.example): created, may enter (entitled)\n");
}

TEST(Answers, KeepControlCharactersOffTheTerminal) {
  auto answer = refused(sync::refusal::ambiguous_user);
  answer.asked = "a\x1b[2J";
  answer.detail = "b\x07";
  EXPECT_EQ(line_of(answer, Paint()).find_first_of("\x1b\x07"), std::string::npos);
}

TEST(Answers, HaveASentenceForEveryRefusal) {
  for (const char* reason :
       {sync::refusal::ambiguous_user, sync::refusal::malformed_request, sync::refusal::stale_directory,
        sync::refusal::not_in_directory, sync::refusal::directory_unknown, sync::refusal::too_many_non_interactive,
        sync::refusal::not_a_stub, sync::refusal::already_has_a_row}) {
    EXPECT_FALSE(sentence_of(std::string_view(reason)).empty()) << reason;
  }
  EXPECT_TRUE(sentence_of(std::string_view("nonsense")).empty());
}

TEST(Answers, TellTheirOutcomeByExitCode) {
  EXPECT_EQ(exit_code_of(let_in()), 0);
  EXPECT_EQ(exit_code_of(refused("no_license")), EX_DATAERR);
  EXPECT_EQ(exit_code_of(refused(sync::refusal::stale_directory)), EX_UNAVAILABLE);
  auto nobody = refused(sync::refusal::not_in_directory);
  nobody.object_id.reset();
  EXPECT_EQ(exit_code_of(nobody), EX_USAGE);
  auto held = let_in();
  held.held = true;
  EXPECT_EQ(exit_code_of(held), EX_TEMPFAIL);
}

TEST(Answers, OfTwoExitCodesTheWeightierStays) {
  EXPECT_EQ(weightier(0, EX_DATAERR), EX_DATAERR);
  EXPECT_EQ(weightier(EX_UNAVAILABLE, EX_DATAERR), EX_UNAVAILABLE);
  EXPECT_EQ(weightier(EX_USAGE, EX_TEMPFAIL), EX_TEMPFAIL);
}

}  // namespace
}  // namespace dvsync::cli
