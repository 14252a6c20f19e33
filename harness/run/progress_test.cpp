#include "run/progress.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>

namespace loopgate::progress_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string shown(bool terminal, const std::function<void(Progress*)>& act) {
  std::FILE* stream = std::tmpfile();
  {
    Progress progress(stream, terminal, 2, 10'208);
    act(&progress);
  }
  std::rewind(stream);
  std::string text;
  for (int c = std::fgetc(stream); c != EOF; c = std::fgetc(stream)) text += static_cast<char>(c);
  std::fclose(stream);
  return text;
}

TEST(Progress, OfNoCellsIsThatOfWhatIsSeen) {
  std::FILE* stream = std::tmpfile();
  Progress(stream, false, 0, 100).update("explaining a.mixed", Stage::restoring, {});
  std::rewind(stream);
  char line[80] = {};
  EXPECT_STREQ(std::fgets(line, sizeof(line), stream), "explaining a.mixed restoring\n");
  std::fclose(stream);
}

TEST(Progress, OfASilentBootGoesOnAndSaysHowLongItMayTake) {
  std::FILE* stream = std::tmpfile();
  {
    Progress progress(stream, true, 1, 100, "60 s of virtual time", std::chrono::milliseconds(10));
    progress.update("a.mixed", Stage::booting, {});
    std::this_thread::sleep_for(std::chrono::milliseconds(1'200));
  }
  std::rewind(stream);
  std::string text;
  for (int c = std::fgetc(stream); c != EOF; c = std::fgetc(stream)) text += static_cast<char>(c);
  std::fclose(stream);
  EXPECT_THAT(text, HasSubstr("a.mixed booting (at most 60 s of virtual time)"));
  EXPECT_THAT(text, HasSubstr("a.mixed booting for 1 s (at most 60 s of virtual time)"));
}

InstrumentEvent due(std::uint64_t count) {
  InstrumentEvent event;
  event.counts.due = count;
  event.counts.answered = count;
  return event;
}

TEST(Progress, OfAnotherRunOfTheSameBeginsAnew) {
  const std::string text = shown(false, [](Progress* progress) {
    progress->update("hunting a.mixed:", Stage::measuring, due(900));
    progress->again("hunting a.mixed:", 300);
    progress->update("hunting a.mixed:", Stage::measuring, due(20));
  });
  EXPECT_THAT(text, HasSubstr("measuring 20 of 300\n"));
}

TEST(Progress, WhatHasEndedIsInNoLineAnyMore) {
  const std::string text = shown(false, [](Progress* progress) {
    progress->update("hunting a.mixed:", Stage::measuring, due(900));
    progress->ended("hunting a.mixed:");
    progress->update("hunting b.mixed:", Stage::measuring, due(20));
  });
  EXPECT_THAT(text.substr(text.find('\n')), Not(HasSubstr("a.mixed")));
  EXPECT_THAT(text, HasSubstr("hunting b.mixed:"));
}

// `run 2>&1 | head -1`, `2>/dev/full`: cells were lost to a line that nobody read.
TEST(Progress, ThatNobodyCanReadStopsNothing) {
  for (const bool terminal : {false, true}) {
    std::FILE* full = std::fopen("/dev/full", "w");
    {
      Progress progress(full, terminal, 2, 100);
      progress.update("a.mixed", Stage::booting, due(0));
      progress.note("a note");
      progress.finished("a.mixed", "a.mixed: measured");
      progress.finished_aside("b.mixed", "b.mixed: measured again");
      progress.skipped("b.mixed: kept");
    }
    std::fclose(full);
  }
}

TEST(Progress, OfALogIsPlainLines) {
  const std::string text = shown(false, [](Progress* progress) {
    progress->update("a.mixed", Stage::booting, due(0));
    progress->update("a.mixed", Stage::measuring, due(1'000));
    progress->finished("a.mixed", "a.mixed: measured");
    progress->update("b.mixed", Stage::reporting, due(10'208));
    progress->finished("b.mixed", "b.mixed: INVALID: QEMU was killed");
  });
  EXPECT_EQ(text,
            "0 of 2 cells done · a.mixed booting\n"
            "0 of 2 cells done · a.mixed measuring 1,000 of 10,208\n"
            "a.mixed: measured\n"
            "1 of 2 cells done\n"
            "1 of 2 cells done · b.mixed reporting\n"
            "b.mixed: INVALID: QEMU was killed\n");
}

TEST(Progress, OfALogTellsAStageOnceInAWhile) {
  const std::string text = shown(false, [](Progress* progress) {
    for (std::uint64_t i = 0; i < 1'000; ++i) progress->update("a.mixed", Stage::measuring, due(i));
  });
  EXPECT_EQ(text, "0 of 2 cells done · a.mixed measuring 0 of 10,208\n");
}

TEST(Progress, ShowsEveryCellThatRuns) {
  const std::string text = shown(false, [](Progress* progress) {
    progress->update("a.mixed", Stage::measuring, due(5'000));
    progress->update("b.mixed", Stage::getting_ready, due(0));
  });
  EXPECT_THAT(text, HasSubstr("a.mixed measuring 5,000 of 10,208 · b.mixed starting load and payload\n"));
}

TEST(Progress, DoesNotGoBackwards) {
  const std::string text = shown(false, [](Progress* progress) {
    progress->update("a.mixed", Stage::measuring, due(5'000));
    progress->update("a.mixed", Stage::restoring, due(0));
    progress->update("a.mixed", Stage::measuring, due(0));
  });
  EXPECT_THAT(text, Not(HasSubstr(" 0 of 10,208")));
}

TEST(Progress, OfATerminalIsOneLineThatIsRewritten) {
  const std::string text = shown(true, [](Progress* progress) {
    progress->update("a.mixed", Stage::measuring, due(1));
    progress->update("a.mixed", Stage::measuring, due(2));
    progress->note("a word");
    progress->finished("a.mixed", "a.mixed: measured");
  });
  EXPECT_EQ(text,
            "0 of 2 cells done · a.mixed measuring 1 of 10,208\r\x1b[K"
            "0 of 2 cells done · a.mixed measuring 2 of 10,208\r\x1b[K"
            "a word\n"
            "a.mixed: measured\n"
            "1 of 2 cells done\r\x1b[K");
}

TEST(Progress, OfALogHasNoEscapes) {
  const std::string text = shown(false, [](Progress* progress) {
    progress->update("a.mixed", Stage::measuring, due(1));
    progress->note("a word");
  });
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("a word\n"));
}

}  // namespace
}  // namespace loopgate::progress_test
