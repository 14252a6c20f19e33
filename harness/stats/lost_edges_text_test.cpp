#include "stats/lost_edges_text.h"

#include <gmock/gmock.h>

namespace loopgate::lost_edges_text_test {
namespace {

using ::testing::ElementsAre;

TEST(LostEdgesText, BlamesNeitherPayloadNorKernelAloneOnABoard) {
  EXPECT_EQ(
      lost_edges_text({10'100, 10'096, 1, 200, 0}, TimeBase::wall_clock),
      "3 of 10,100 edges never came to the payload: the chip, the wire or the kernel lost them, and not "
      "the payload. The bare wire, before the payload ran, lost 0 of 200 edges there and back: check_edges "
      "in lab.toml counts "
      "more of its edges before each cell");
}

// Its wire is a function call.
TEST(LostEdgesText, BlamesTheKernelOnAVirtualBoard) {
  EXPECT_EQ(lost_edges_text({8, 6, 0, 0, 0}, TimeBase::virtual_time),
            "2 of 8 edges never came to the payload: the kernel lost them, and not the payload");
}

TEST(LostEdgesText, SaysWhichAnswersNeverCameBack) {
  EXPECT_EQ(lost_edges_text({8, 8, 0, 0, 0, 1}, TimeBase::virtual_time),
            "1 answer that the payload counts never came to the instrument");
  EXPECT_EQ(
      lost_edges_text({8, 6, 0, 0, 0, 2}, TimeBase::virtual_time),
      "2 of 8 edges never came to the payload: the kernel lost them, and not the payload; 2 answers that the "
      "payload counts never came to the instrument");
}

TEST(LostEdgesText, IsSaidOfEachGroupThatLostAny) {
  Comparison run;
  run.time_base = TimeBase::virtual_time;
  GroupEvidence whole, lost;
  whole.kernel = lost.kernel = "mine";
  whole.load = "idle";
  lost.load = "mixed";
  lost.lost_edges = LostEdges{8, 6, 0, 0, 0};
  *lost.lost_edges += LostEdges{8, 7, 0, 0, 0};
  run.groups = {whole, lost};
  EXPECT_THAT(lost_edges_sentences(run),
              ElementsAre("kernel mine, load mixed: 3 of 16 edges never came to the payload: the kernel lost "
                          "them, and not the payload."));
}

}  // namespace
}  // namespace loopgate::lost_edges_text_test
