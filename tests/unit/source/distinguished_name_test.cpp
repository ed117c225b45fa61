#include "source/distinguished_name.hpp"

#include <gtest/gtest.h>

namespace dvsync::source {
namespace {

struct FoldCase {
  std::string_view written;
  std::string_view folded;
};

class DistinguishedNameTest : public ::testing::TestWithParam<FoldCase> {};

TEST_P(DistinguishedNameTest, HasOneForm) {
  EXPECT_EQ(fold_distinguished_name(GetParam().written), GetParam().folded);
  EXPECT_EQ(fold_distinguished_name(GetParam().folded), GetParam().folded);
}

INSTANTIATE_TEST_SUITE_P(
    Names, DistinguishedNameTest,
    ::testing::Values(FoldCase{"", ""}, FoldCase{"CN=Ana Li,OU=People,DC=x", "cn=ana li,ou=people,dc=x"},
                      FoldCase{" CN = Ana   Li , OU= People ", "cn=ana li,ou=people"},
                      FoldCase{R"(CN=Li\, Ana,DC=x)", R"(cn=li\, ana,dc=x)"},
                      FoldCase{R"(CN=Li\2C Ana,DC=x)", R"(cn=li\, ana,dc=x)"},
                      FoldCase{R"(CN="Li, Ana",DC=x)", R"(cn=li\, ana,dc=x)"},
                      FoldCase{R"(CN=\c3\85se,DC=x)", "cn=Åse,dc=x"}, FoldCase{"cn=Åse;dc=x", "cn=Åse,dc=x"},
                      FoldCase{"cn=a+ou=B,dc=x", "cn=a+ou=b,dc=x"}, FoldCase{"OU=b + CN=a , DC=x", "cn=a+ou=b,dc=x"},
                      FoldCase{R"(sn=x\+y+cn=a\2C b,o=z+c=d)", R"(cn=a\, b+sn=x\+y,c=d+o=z)"},
                      FoldCase{R"(cn=\#1,dc=x)", "cn=#1,dc=x"}, FoldCase{"cn=a\\C3\\A9,dc=x", "cn=aé,dc=x"},
                      FoldCase{R"(cn=a\=b)", R"(cn=a\=b)"}, FoldCase{"cn=a=b", R"(cn=a\=b)"},
                      FoldCase{R"(cn=\ a\ \  b\20,dc="x ")", "cn=a b,dc=x"}, FoldCase{"not a dn", "not a dn"},
                      FoldCase{R"(cn=x\)", R"(cn=x\\)"}));

TEST(Login, IsComparedWithoutCaseAndOuterBlanks) { EXPECT_EQ(fold_login(" Ana.Li "), "ana.li"); }

TEST(GroupName, IsADnWhenItHoldsAnEqualsSign) {
  EXPECT_TRUE(looks_like_distinguished_name("CN=x"));
  EXPECT_FALSE(looks_like_distinguished_name("3f6b2c1e-0000-4000-8000-000000000001"));
}

}  // namespace
}  // namespace dvsync::source
