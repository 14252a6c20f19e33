// The tables of a .tflite file that are needed, as FlatBuffers lays them out: the numbers are those of the
// fields in TensorFlow's public schema. Nothing may be read before Model::verify() has said yes; a field that
// is missing has its default.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace loopgate::inspection::tflite {

template <class Table>
using Tables = flatbuffers::Vector<flatbuffers::Offset<Table>>;
using Integers = flatbuffers::Vector<std::int32_t>;
using Verifier = flatbuffers::Verifier;

// The place of field number `index` in a table's list of offsets.
constexpr flatbuffers::voffset_t field(flatbuffers::voffset_t index) {
  return static_cast<flatbuffers::voffset_t>(4 + 2 * index);
}

class Table : public flatbuffers::Table {
 public:
  template <class Value>
  Value value(flatbuffers::voffset_t index, Value otherwise = {}) const {
    return GetField<Value>(field(index), otherwise);
  }
  // Null when it is missing.
  template <class Pointed>
  const Pointed* pointer(flatbuffers::voffset_t index) const {
    return GetPointer<const Pointed*>(field(index));
  }
  template <class Value>
  bool verify_value(Verifier& verifier, flatbuffers::voffset_t index) const {
    return VerifyField<Value>(verifier, field(index), sizeof(Value));
  }
  template <class Value>
  bool verify_vector(Verifier& verifier, flatbuffers::voffset_t index) const {
    if (!VerifyOffset(verifier, field(index))) return false;
    const auto* values = pointer<flatbuffers::Vector<Value>>(index);
    return verifier.VerifyVector(values) &&
           (values == nullptr || values->size() == 0 || is_aligned<Value>(verifier, values));
  }
  bool verify_string(Verifier& verifier, flatbuffers::voffset_t index) const {
    return VerifyOffset(verifier, field(index)) && verifier.VerifyString(pointer<flatbuffers::String>(index));
  }
  template <class Other>
  bool verify_table(Verifier& verifier, flatbuffers::voffset_t index) const {
    if (!CheckField(field(index))) return true;
    return VerifyOffset(verifier, field(index)) && pointer<Other>(index)->verify(verifier);
  }
  template <class Other>
  bool verify_tables(Verifier& verifier, flatbuffers::voffset_t index) const {
    if (!verify_vector<flatbuffers::Offset<Other>>(verifier, index)) return false;
    const auto* tables = pointer<Tables<Other>>(index);
    for (flatbuffers::uoffset_t i = 0; tables != nullptr && i < tables->size(); ++i)
      if (!verify_element(verifier, tables, i) || !tables->Get(i)->verify(verifier)) return false;
    return true;
  }

 private:
  // The library's own check asks it of the vector's length alone, which has 4 bytes.
  template <class Value>
  static bool is_aligned(const Verifier& verifier, const flatbuffers::Vector<Value>* values) {
    return verifier.VerifyFieldStruct(reinterpret_cast<const std::uint8_t*>(values),
                                      sizeof(flatbuffers::uoffset_t), 0, sizeof(Value));
  }
  // An element is an offset from its own place; the library's own check of such vectors follows it unchecked.
  template <class Other>
  static bool verify_element(Verifier& verifier, const Tables<Other>* tables, flatbuffers::uoffset_t i) {
    const auto* element =
        reinterpret_cast<const std::uint8_t*>(tables) + sizeof(flatbuffers::uoffset_t) * (1 + std::size_t{i});
    return verifier.VerifyOffset(element, 0) != 0;
  }
};

struct OperatorCode : Table {
  // Files of before 2020 have a byte alone; newer ones have 127 there when the number does not fit.
  std::int32_t builtin() const {
    return std::max<std::int32_t>(value<std::int8_t>(0), value<std::int32_t>(3));
  }
  const flatbuffers::String* custom() const { return pointer<flatbuffers::String>(1); }
  bool verify(Verifier& verifier) const {
    return VerifyTableStart(verifier) && verify_value<std::int8_t>(verifier, 0) &&
           verify_string(verifier, 1) && verify_value<std::int32_t>(verifier, 3) && verifier.EndTable();
  }
};

struct Quantisation : Table {
  const flatbuffers::Vector<float>* scales() const { return pointer<flatbuffers::Vector<float>>(2); }
  const flatbuffers::Vector<std::int64_t>* zero_points() const {
    return pointer<flatbuffers::Vector<std::int64_t>>(3);
  }
  std::uint8_t details() const { return value<std::uint8_t>(4); }  // other ways to quantise; 0: none
  std::int32_t axis() const { return value<std::int32_t>(6); }
  bool verify(Verifier& verifier) const {
    return VerifyTableStart(verifier) && verify_vector<float>(verifier, 2) &&
           verify_vector<std::int64_t>(verifier, 3) && verify_value<std::uint8_t>(verifier, 4) &&
           verify_value<std::int32_t>(verifier, 6) && verifier.EndTable();
  }
};

enum class Type : std::int8_t { float32 = 0, int32 = 2, uint8 = 3, int64 = 4, int8 = 9 };

struct Tensor : Table {
  const Integers* shape() const { return pointer<Integers>(0); }
  Type type() const { return static_cast<Type>(value<std::int8_t>(1)); }
  std::uint32_t buffer() const { return value<std::uint32_t>(2); }
  const flatbuffers::String* name() const { return pointer<flatbuffers::String>(3); }
  const Quantisation* quantisation() const { return pointer<Quantisation>(4); }
  bool is_variable() const { return value<std::uint8_t>(5) != 0; }
  bool is_sparse() const { return CheckField(field(6)); }
  const Integers* open_shape() const { return pointer<Integers>(7); }  // open lengths are -1
  std::uint32_t external() const { return value<std::uint32_t>(10); }  // 0: in this file
  bool verify(Verifier& verifier) const {
    return VerifyTableStart(verifier) && verify_vector<std::int32_t>(verifier, 0) &&
           verify_value<std::int8_t>(verifier, 1) && verify_value<std::uint32_t>(verifier, 2) &&
           verify_string(verifier, 3) && verify_table<Quantisation>(verifier, 4) &&
           verify_value<std::uint8_t>(verifier, 5) && verify_vector<std::int32_t>(verifier, 7) &&
           verify_value<std::uint32_t>(verifier, 10) && verifier.EndTable();
  }
};

// The kinds of options that are read; the numbers are the schema's.
enum class OptionsType : std::uint8_t {
  none = 0,
  convolution = 1,
  depthwise_convolution = 2,
  pool = 5,
  fully_connected = 8,
  softmax = 9,
  add = 11,
  multiply = 21,
  reducer = 27,
  subtract = 28,
};

// The widths of their fields in bytes, in the schema's order.
constexpr std::string_view widths_of(OptionsType type) {
  switch (type) {
    case OptionsType::convolution:
      return "144144";
    case OptionsType::depthwise_convolution:
      return "1444144";
    case OptionsType::pool:
      return "144441";
    case OptionsType::fully_connected:
      return "111";
    case OptionsType::softmax:
      return "4";
    case OptionsType::add:
    case OptionsType::multiply:
    case OptionsType::reducer:
    case OptionsType::subtract:
      return "1";
    default:
      return "";
  }
}

struct Options : Table {
  bool verify(Verifier& verifier, OptionsType type) const {
    if (!VerifyTableStart(verifier)) return false;
    flatbuffers::voffset_t index = 0;
    for (const char width : widths_of(type)) {
      const bool good = width == '1' ? verify_value<std::int8_t>(verifier, index)
                                     : verify_value<std::int32_t>(verifier, index);
      if (!good) return false;
      ++index;
    }
    return verifier.EndTable();
  }
};

struct Operator : Table {
  std::uint32_t code() const { return value<std::uint32_t>(0); }
  const Integers* inputs() const { return pointer<Integers>(1); }  // -1: an optional one that is missing
  const Integers* outputs() const { return pointer<Integers>(2); }
  OptionsType options_type() const { return static_cast<OptionsType>(value<std::uint8_t>(3)); }
  // Null where there are none, or of another type.
  const Options* options(OptionsType type) const {
    return options_type() == type ? pointer<Options>(4) : nullptr;
  }
  bool verify(Verifier& verifier) const {
    return VerifyTableStart(verifier) && verify_value<std::uint32_t>(verifier, 0) &&
           verify_vector<std::int32_t>(verifier, 1) && verify_vector<std::int32_t>(verifier, 2) &&
           verify_value<std::uint8_t>(verifier, 3) && verify_options(verifier) && verifier.EndTable();
  }

 private:
  bool verify_options(Verifier& verifier) const {
    if (widths_of(options_type()).empty() || !CheckField(field(4))) return true;  // never read
    return VerifyOffset(verifier, field(4)) && pointer<Options>(4)->verify(verifier, options_type());
  }
};

struct Subgraph : Table {
  const Tables<Tensor>* tensors() const { return pointer<Tables<Tensor>>(0); }
  const Integers* inputs() const { return pointer<Integers>(1); }
  const Integers* outputs() const { return pointer<Integers>(2); }
  const Tables<Operator>* operators() const { return pointer<Tables<Operator>>(3); }
  bool verify(Verifier& verifier) const {
    return VerifyTableStart(verifier) && verify_tables<Tensor>(verifier, 0) &&
           verify_vector<std::int32_t>(verifier, 1) && verify_vector<std::int32_t>(verifier, 2) &&
           verify_tables<Operator>(verifier, 3) && verifier.EndTable();
  }
};

struct Buffer : Table {
  const flatbuffers::Vector<std::uint8_t>* data() const {
    return pointer<flatbuffers::Vector<std::uint8_t>>(0);
  }
  std::uint64_t outside() const { return value<std::uint64_t>(1); }  // above 1: behind the FlatBuffer
  bool verify(Verifier& verifier) const {
    return VerifyTableStart(verifier) && verify_vector<std::uint8_t>(verifier, 0) &&
           verify_value<std::uint64_t>(verifier, 1) && verifier.EndTable();
  }
};

struct Model : Table {
  static constexpr const char* identifier = "TFL3";

  std::uint32_t version() const { return value<std::uint32_t>(0); }
  const Tables<OperatorCode>* codes() const { return pointer<Tables<OperatorCode>>(1); }
  const Tables<Subgraph>* subgraphs() const { return pointer<Tables<Subgraph>>(2); }
  const flatbuffers::String* description() const { return pointer<flatbuffers::String>(3); }
  const Tables<Buffer>* buffers() const { return pointer<Tables<Buffer>>(4); }
  bool verify(Verifier& verifier) const {
    return VerifyTableStart(verifier) && verify_value<std::uint32_t>(verifier, 0) &&
           verify_tables<OperatorCode>(verifier, 1) && verify_tables<Subgraph>(verifier, 2) &&
           verify_string(verifier, 3) && verify_tables<Buffer>(verifier, 4) && verifier.EndTable();
  }
};

}  // namespace loopgate::inspection::tflite
