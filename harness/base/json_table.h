// A type's fields as one table, from which it is both written and read, so that the two cannot disagree.
//
//   static constexpr auto fields_of(const CheckRow*) {  // in the type's own namespace, not in an unnamed one
//     return std::tuple(field("name", &CheckRow::name), field("passed", &CheckRow::passed));
//   }
//   write_object<nlohmann::json>(row)
//   read_object(std::move(reader), &row);
//
// Where a value stands there in another form than its type's, its field has a form (base/json_forms.h): a
// struct with write<Json>(value) and read(reader, key, out). A field's type may have fields itself, and may
// be an optional (null), a vector or a map of such a type.
//
// The target's programs use it, too, so it knows no fmt.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/json_reader.h"

namespace loopgate {

template <class T>
concept HasFields = requires { fields_of(static_cast<const T*>(nullptr)); };

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_table = false;
template <HasFields T>
inline constexpr bool is_table<std::vector<T>> = true;

template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;

template <class Json, HasFields T>
Json write_object(const T& value);
template <HasFields T>
Status read_object(JsonReader reader, T* out);

// The form of a field that says none.
struct AsItIs {
  template <class Json, class T>
  Json write(const T& value) const {
    if constexpr (HasFields<T>) {
      return write_object<Json>(value);
    } else if constexpr (is_optional<T>) {
      return value ? write<Json>(*value) : Json(nullptr);
    } else if constexpr (is_table<T>) {
      Json rows = Json::array();
      for (const auto& row : value) rows.push_back(write_object<Json>(row));
      return rows;
    } else {
      return Json(value);
    }
  }

  template <class T>
  void read(JsonReader* reader, const char* key, T* out) const {
    if constexpr (HasFields<T>) {
      (void)read_object(reader->object(key), out);  // the outermost object says it
    } else if constexpr (is_optional<T>) {
      if (reader->has_value(key)) read(reader, key, &out->emplace());
    } else if constexpr (is_table<T>) {
      for (JsonReader& row : reader->objects(key)) (void)read_object(std::move(row), &out->emplace_back());
    } else if constexpr (is_map<T>) {
      JsonReader entries = reader->object(key);
      for (const std::string& name : entries.keys()) read(&entries, name.c_str(), &(*out)[name]);
      (void)entries.finish();
    } else {
      reader->required(key, out);
    }
  }
};

template <class Owner, class Value, class Form>
struct Field {
  const char* key;
  Value Owner::* member;
  Form form;

  template <class Json>
  void write(const Owner& owner, Json* object) const {
    (*object)[key] = form.template write<Json>(owner.*member);
  }
  void read(JsonReader* reader, Owner* owner) const { form.read(reader, key, &(owner->*member)); }
};

template <class Owner, class Value, class Form = AsItIs>
constexpr Field<Owner, Value, Form> field(const char* key, Value Owner::* member, Form form = {}) {
  return {key, member, form};
}

// Written only where it is not what a new owner has; absent or null, it is that.
template <class Owner, class Value, class Form>
struct SparseField {
  Field<Owner, Value, Form> field;

  template <class Json>
  void write(const Owner& owner, Json* object) const {
    if (!(owner.*field.member == Owner().*field.member)) field.write(owner, object);
  }
  void read(JsonReader* reader, Owner* owner) const {
    if (reader->has(field.key)) field.read(reader, owner);
  }
};

template <class Owner, class Value, class Form = AsItIs>
constexpr SparseField<Owner, Value, Form> sparse(const char* key, Value Owner::* member, Form form = {}) {
  return {{key, member, form}};
}

// Always written; where it is absent or null, as in a file of an earlier version, it is what a new owner has.
template <class Owner, class Value, class Form>
struct LenientField {
  Field<Owner, Value, Form> field;

  template <class Json>
  void write(const Owner& owner, Json* object) const {
    field.write(owner, object);
  }
  void read(JsonReader* reader, Owner* owner) const {
    if (reader->has(field.key)) field.read(reader, owner);
  }
};

template <class Owner, class Value, class Form = AsItIs>
constexpr LenientField<Owner, Value, Form> lenient(const char* key, Value Owner::* member, Form form = {}) {
  return {{key, member, form}};
}

// The fields of a member, which stand in its owner's own object.
template <class Owner, class Value>
struct InlinedFields {
  Value Owner::* member;

  template <class Json>
  void write(const Owner& owner, Json* object) const {
    std::apply([&](const auto&... each) { (each.write(owner.*member, object), ...); },
               fields_of(static_cast<const Value*>(nullptr)));
  }
  void read(JsonReader* reader, Owner* owner) const {
    std::apply([&](const auto&... each) { (each.read(reader, &(owner->*member)), ...); },
               fields_of(static_cast<const Value*>(nullptr)));
  }
};

template <class Owner, HasFields Value>
constexpr InlinedFields<Owner, Value> inlined(Value Owner::* member) {
  return {member};
}

// What fields that stand above it must keep to together: `complaint_of` says what is wrong with `key`, or
// nothing.
template <class Owner>
struct Constraint {
  const char* key;
  std::string (*complaint_of)(const Owner&);

  template <class Json>
  void write(const Owner&, Json*) const {}
  void read(JsonReader* reader, Owner* owner) const {
    if (const std::string complaint = complaint_of(*owner); !complaint.empty())
      reader->refuse(key, complaint);
  }
};

template <class Owner>
constexpr Constraint<Owner> constraint(const char* key, std::string (*complaint_of)(const Owner&)) {
  return {key, complaint_of};
}

// What follows from fields that stand above it, for who reads the text without this: written, and refused
// where it contradicts them.
template <class Owner, class Value>
struct Derived {
  const char* key;
  Value (*value_of)(const Owner&);
  const char* contradiction;

  template <class Json>
  void write(const Owner& owner, Json* object) const {
    (*object)[key] = value_of(owner);
  }
  void read(JsonReader* reader, Owner* owner) const {
    Value value{};
    reader->required(key, &value);
    if (value != value_of(*owner)) reader->refuse(key, contradiction);
  }
};

template <class Owner, class Value>
constexpr Derived<Owner, Value> derived(const char* key, Value (*value_of)(const Owner&),
                                        const char* contradiction) {
  return {key, value_of, contradiction};
}

// Fields of the same owner that stand in an object of their own.
template <class... Fields>
struct FieldGroup {
  const char* key;
  std::tuple<Fields...> fields;

  template <class Json, class Owner>
  void write(const Owner& owner, Json* object) const {
    Json inner = Json::object();
    std::apply([&](const auto&... each) { (each.write(owner, &inner), ...); }, fields);
    (*object)[key] = std::move(inner);
  }
  template <class Owner>
  void read(JsonReader* reader, Owner* owner) const {
    JsonReader inner = reader->object(key);
    std::apply([&](const auto&... each) { (each.read(&inner, owner), ...); }, fields);
    (void)inner.finish();  // the outermost object says it
  }
};

template <class... Fields>
constexpr FieldGroup<Fields...> group(const char* key, Fields... fields) {
  return {key, {fields...}};
}

template <class Json, HasFields T>
Json write_object(const T& value) {
  Json object = Json::object();
  std::apply([&](const auto&... each) { (each.write(value, &object), ...); }, fields_of(&value));
  return object;
}

// The first problem of the whole document, so far.
template <HasFields T>
Status read_object(JsonReader reader, T* out) {
  std::apply([&](const auto&... each) { (each.read(&reader, out), ...); },
             fields_of(static_cast<const T*>(out)));
  return reader.finish();
}

}  // namespace loopgate
