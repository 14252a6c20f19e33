// Lengths are in 1/256 pixel, coverages and gains in 1/256. Division rounds towards zero and right shifts of
// negative numbers round down, both by the language (C++20): nothing here is the compiler's choice.
#include "camera/part_painter.h"

#include <algorithm>
#include <array>

#include "base/split_mix.h"
#include "protocol/part_truth.h"

namespace loopgate::inspection {

namespace {

constexpr int pixel = 256;

// SplitMix64 as a sequence.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    const std::uint64_t value = split_mix(state_);
    state_ += 0x9e3779b97f4a7c15ULL;
    return value;
  }

  // Evenly in [low, high]; the modulo's bias is below 2^-40.
  int within(int low, int high) {
    return low + static_cast<int>(next() % static_cast<std::uint64_t>(high - low + 1));
  }

  bool coin() { return (next() >> 63U) != 0; }

 private:
  std::uint64_t state_;
};

struct Point {
  int x;
  int y;
};

// A turn, in 1/16384. From the tangent of half the angle, so that neither sine nor cosine is called.
struct Turn {
  int cosine;
  int sine;

  static Turn of_half_tangent(int tangent) {  // in 1/1024
    const int square = tangent * tangent;
    const int length = (1 << 20) + square;
    return {static_cast<int>(16384LL * ((1 << 20) - square) / length),
            static_cast<int>(16384LL * 2 * 1024 * tangent / length)};
  }

  Point forward(Point at) const {
    return {(at.x * cosine - at.y * sine) >> 14, (at.x * sine + at.y * cosine) >> 14};
  }
  Point back(Point at) const {
    return {(at.x * cosine + at.y * sine) >> 14, (at.y * cosine - at.x * sine) >> 14};
  }
};

struct RoundedBox {
  Point centre;
  Point half;
  int radius;

  // A quick answer for most: more than a pixel outside.
  bool is_far_from(Point at) const {
    return std::abs(at.y - centre.y) >= half.y + pixel || std::abs(at.x - centre.x) >= half.x + pixel;
  }

  // How deep inside `at` is; negative outside. In the corners right only near the edge, where it matters.
  int depth(Point at) const {
    const int beyond_x = std::abs(at.x - centre.x) - (half.x - radius);
    const int beyond_y = std::abs(at.y - centre.y) - (half.y - radius);
    if (beyond_x <= 0 || beyond_y <= 0) [[likely]]
      return radius - std::max(beyond_x, beyond_y);
    const std::int64_t square = std::int64_t{beyond_x} * beyond_x + std::int64_t{beyond_y} * beyond_y;
    return static_cast<int>((std::int64_t{radius} * radius - square) / (std::int64_t{2} * radius));
  }
};

struct Lens {
  Point centre;
  int radius;
  int ring;  // grey of its edge
};

// A bright band across the shell: a parabola's arch over the distance from its middle line.
struct Glare {
  Turn turn;
  int offset;
  int width;
  int height;  // grey levels
};

struct Scratch {
  Point centre;  // on the shell
  Turn turn;
  int length;  // half of it
  int bend;    // how far the ends are off a straight line
  int width;   // half of it
  int grey;    // added; negative: darker than the metal
};

// All that is random about a picture but its noise.
struct Part {
  Point centre;
  Turn turn;
  RoundedBox shell;
  RoundedBox island;
  std::array<Lens, 3> lenses;
  int lens_count;
  int background;
  int metal;
  int rim;
  int rim_width;
  int island_metal;
  int slope_x;  // of the light across the frame, grey levels in 1/256 a pixel
  int slope_y;
  int brush;  // strength of the texture
  Glare glare;
  int gain;
  int noise;  // strength
  std::array<int, 256> streaks;
};

void draw_island(Random& random, Part& part) {
  const int half = random.within(15 * pixel, 19 * pixel);
  const int margin = random.within(6 * pixel, 9 * pixel);
  part.island = {{-part.shell.half.x + margin + half, -part.shell.half.y + margin + half},
                 {half, half},
                 random.within(6 * pixel, 9 * pixel)};
  part.island_metal = part.metal + random.within(-45, 25);
  part.lens_count = random.within(2, 3);
  const int step = half * 7 / 16;
  const int radius = half * 5 / 16;
  const std::array<Point, 3> places = {{{-step, -step}, {-step, step}, {step, 0}}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Point centre = {part.island.centre.x + places[i].x, part.island.centre.y + places[i].y};
    part.lenses[i] = {centre, radius, part.island_metal + random.within(15, 45)};
  }
}

Part draw_part(Random& random) {
  Part part = {};
  part.centre = {80 * pixel + random.within(-6 * pixel, 6 * pixel),
                 80 * pixel + random.within(-5 * pixel, 5 * pixel)};
  part.turn = Turn::of_half_tangent(random.within(-60, 60));  // up to 6.7 degrees
  part.shell = {{0, 0},
                {random.within(44 * pixel, 50 * pixel), random.within(60 * pixel, 65 * pixel)},
                random.within(10 * pixel, 15 * pixel)};
  part.background = random.within(20, 55);
  part.metal = random.within(105, 165);
  part.rim = part.metal + random.within(20, 50);
  part.rim_width = random.within(3 * pixel, 5 * pixel);
  part.slope_x = random.within(-60, 60);
  part.slope_y = random.within(-60, 60);
  part.brush = random.within(4, 12);
  part.glare = {Turn::of_half_tangent(random.within(-1024, 1024)), random.within(-40 * pixel, 40 * pixel),
                random.within(12 * pixel, 35 * pixel), random.within(0, 45)};
  part.gain = random.within(205, 290);
  part.noise = random.within(6, 16);
  draw_island(random, part);
  for (int& streak : part.streaks) streak = random.within(-127, 127);
  return part;
}

// Its middle is off the rim and below the island; its ends may reach both.
Scratch draw_scratch(Random& random, const Part& part) {
  Scratch scratch = {};
  scratch.turn = Turn::of_half_tangent(random.within(-1024, 1024));  // a quarter turn each way
  scratch.length = random.within(9 * pixel, 24 * pixel);
  scratch.bend = random.within(scratch.length / 8, scratch.length * 2 / 5) * (random.coin() ? 1 : -1);
  scratch.width = random.within(pixel * 5 / 8, pixel * 5 / 4);
  scratch.grey = random.within(30, 75) * (random.coin() ? 1 : -1);
  const int lowest = part.island.centre.y + part.island.half.y;
  const Point room = {part.shell.half.x - part.rim_width - scratch.length * 3 / 4, part.shell.half.y};
  scratch.centre = {
      random.within(-room.x, room.x),
      random.within(lowest + scratch.length / 2, room.y - part.rim_width - scratch.length * 3 / 4)};
  return scratch;
}

int blend(int from, int to, int coverage) { return from + (((to - from) * coverage) >> 8); }

// How much of a pixel lies on the near side of an edge at `distance` from its middle.
int coverage(int distance) { return std::clamp(distance + pixel / 2, 0, pixel); }

int streak_at(const Part& part, int position) {
  const unsigned index = static_cast<unsigned>(position) >> 8U;
  const int first = part.streaks[index & 255U];
  const int second = part.streaks[(index + 1) & 255U];
  return first + (((second - first) * (position & 255)) >> 8);
}

// Along the shell's width, and a coarser one that runs slightly aslant.
int texture(const Part& part, Point at) {
  const int fine = streak_at(part, at.y + (1 << 16));
  const int coarse = streak_at(part, (at.y >> 2) + (at.x >> 4) + (1 << 16));
  return ((fine + coarse) * part.brush) >> 8;
}

int glare_at(const Glare& glare, Point at) {
  const int distance = glare.turn.back(at).x - glare.offset;
  if (std::abs(distance) >= glare.width) return 0;
  const int share = distance * 256 / glare.width;
  return (glare.height * (65536 - share * share)) >> 16;
}

int island_grey(const Part& part, Point at, int depth) {
  int grey = blend(part.island_metal, part.island_metal + 25, coverage(pixel * 5 / 4 - depth));
  for (int i = 0; i < part.lens_count; ++i) {
    const Lens& lens = part.lenses[static_cast<std::size_t>(i)];
    const Point off = {at.x - lens.centre.x, at.y - lens.centre.y};
    const int square = off.x * off.x + off.y * off.y;
    if (square > (lens.radius + pixel) * (lens.radius + pixel)) continue;
    const int inside = (lens.radius * lens.radius - square) / (2 * lens.radius);
    grey = blend(grey, lens.ring, coverage(inside));
    grey = blend(grey, 25, coverage(inside - pixel));
  }
  return grey;
}

int shell_grey(const Part& part, Point at, int depth) {
  int grey = part.metal + texture(part, at);
  const int on_island = part.island.is_far_from(at) ? -pixel : part.island.depth(at);
  if (on_island > -pixel) grey = blend(grey, island_grey(part, at, on_island), coverage(on_island));
  if (depth < part.rim_width + pixel) {
    const int groove = part.metal - 35;
    grey = blend(grey, groove, coverage(part.rim_width - depth));
    grey = blend(grey, part.rim, coverage(part.rim_width - pixel - depth));
  }
  return grey + glare_at(part.glare, at);
}

int grey_at(const Part& part, Point at) {
  const int depth = part.shell.depth(at);
  if (depth <= -pixel / 2) return part.background;
  return blend(part.background, shell_grey(part, at, depth), coverage(depth));
}

std::uint8_t byte(int grey) { return static_cast<std::uint8_t>(std::clamp(grey, 0, 255)); }

// The turn and the light are linear along a row: their next value is a sum, exactly as if computed anew.
void paint_shell(const Part& part, std::uint8_t* pixels) {
  for (int y = 0; y < camera_frame.height; ++y) {
    const Point begin = {-part.centre.x, y * pixel - part.centre.y};
    int turned_x = begin.x * part.turn.cosine + begin.y * part.turn.sine;
    int turned_y = begin.y * part.turn.cosine - begin.x * part.turn.sine;
    int light = part.slope_x * -80 + part.slope_y * (y - 80);
    for (int x = 0; x < camera_frame.width; ++x) {
      const int grey = grey_at(part, {turned_x >> 14, turned_y >> 14}) + (light >> 8);
      *pixels++ = byte((grey * part.gain) >> 8);
      turned_x += pixel * part.turn.cosine;
      turned_y -= pixel * part.turn.sine;
      light += part.slope_x;
    }
  }
}

// A parabola in the scratch's own frame; it thins out towards its ends.
int scratch_grey(const Scratch& scratch, Point on_shell) {
  const Point at = scratch.turn.back({on_shell.x - scratch.centre.x, on_shell.y - scratch.centre.y});
  if (std::abs(at.x) >= scratch.length) return 0;
  const int share = at.x * 256 / scratch.length;
  const int square = (share * share) >> 8;
  const int steep = 2 * scratch.bend * share / scratch.length;  // the curve's slope, in 1/256
  const int off = std::abs(at.y - ((scratch.bend * square) >> 8)) * 256 / (256 + steep * steep / 640);
  const int width = (scratch.width * (320 - square)) / 320;
  return (scratch.grey * coverage(width - off)) >> 8;
}

void paint_scratch(const Part& part, const Scratch& scratch, std::uint8_t* pixels) {
  const Point middle = part.turn.forward(scratch.centre);
  const int reach = scratch.length / pixel * 5 / 4 + 3;
  const int centre_x = (part.centre.x + middle.x) / pixel;
  const int centre_y = (part.centre.y + middle.y) / pixel;
  for (int y = std::max(centre_y - reach, 0); y < std::min(centre_y + reach, camera_frame.height); ++y) {
    for (int x = std::max(centre_x - reach, 0); x < std::min(centre_x + reach, camera_frame.width); ++x) {
      const Point at = part.turn.back({x * pixel - part.centre.x, y * pixel - part.centre.y});
      std::uint8_t& value = pixels[y * camera_frame.width + x];
      value = byte(value + scratch_grey(scratch, at));
    }
  }
}

// Four bytes of a random number added up are near enough to a bell curve; eight make two pixels.
void add_noise(Random& random, int strength, std::uint8_t* pixels) {
  constexpr std::uint64_t low_bytes = 0x00ff00ff00ff00ffULL;
  for (int i = 0; i < camera_frame.pixels(); i += 2) {
    const std::uint64_t bits = random.next();
    const std::uint64_t pairs = (bits & low_bytes) + ((bits >> 8U) & low_bytes);
    const std::uint64_t fours = pairs + (pairs >> 16U);
    const int first = static_cast<int>(fours & 0xffffU) - 510;
    const int second = static_cast<int>((fours >> 32U) & 0xffffU) - 510;
    pixels[i] = byte(pixels[i] + ((first * strength) >> 9));
    pixels[i + 1] = byte(pixels[i + 1] + ((second * strength) >> 9));
  }
}

}  // namespace

void paint_part(std::uint64_t seed, bool good, std::uint8_t* pixels) {
  Random shapes(split_mix(seed));
  const Part part = draw_part(shapes);
  paint_shell(part, pixels);
  if (!good) paint_scratch(part, draw_scratch(shapes, part), pixels);
  Random noise(
      split_mix(seed ^ 0x6e6f697365ULL));  // a sequence of its own, so that the scratch doesn't shift it
  add_noise(noise, part.noise, pixels);
}

}  // namespace loopgate::inspection
