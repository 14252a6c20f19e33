#include "inspection/decision.h"

#include <gtest/gtest.h>

namespace loopgate::inspection {
namespace {

constexpr Scores good{-1, 1}, bad{2, -2}, draw{0.5, 0.5};

TEST(Decision, TheLargerScoreDecidesAndADrawIsNoPass) {
  EXPECT_EQ(decide(good), Decision::ok);
  EXPECT_EQ(decide(bad), Decision::ng);
  EXPECT_EQ(decide(draw), Decision::ng);
}

TEST(Fusion, OneFrameDecidesAtOnce) {
  Fusion fusion(1);
  EXPECT_EQ(fusion.add(1, good), Decision::ok);
  EXPECT_EQ(fusion.add(2, bad), Decision::ng);
  EXPECT_EQ(fusion.add(9, good), Decision::ok);  // frames in between were lost, but not of this scene
  EXPECT_EQ(fusion.incomplete(), 0U);
}

TEST(Fusion, TheLastFrameDecidesBySum) {
  Fusion fusion(3);
  EXPECT_EQ(fusion.add(1, good), Decision::none);
  EXPECT_EQ(fusion.add(2, good), Decision::none);
  EXPECT_EQ(fusion.add(3, Scores{0.5, -0.5}), Decision::ok);
  EXPECT_EQ(fusion.add(4, good), Decision::none);
  EXPECT_EQ(fusion.add(5, bad), Decision::none);
  EXPECT_EQ(fusion.add(6, Scores{0.5, 0}), Decision::ng);  // nothing of the first scene is left in the sum
}

TEST(Fusion, ASceneThatLacksAFrameIsNotDecided) {
  Fusion fusion(3);
  fusion.add(1, good);
  EXPECT_EQ(fusion.add(3, good), Decision::none);  // the last one of its scene, but 2 was lost
  EXPECT_EQ(fusion.incomplete(), 1U);
  fusion.add(4, good);
  fusion.add(5, good);  // 6 is lost
  EXPECT_EQ(fusion.add(7, bad), Decision::none);
  EXPECT_EQ(fusion.incomplete(), 2U);
  fusion.add(8, bad);
  EXPECT_EQ(fusion.add(9, bad), Decision::ng);
  EXPECT_EQ(fusion.add(12, good), Decision::none);  // only its last frame came
  EXPECT_EQ(fusion.incomplete(), 3U);
}

}  // namespace
}  // namespace loopgate::inspection
