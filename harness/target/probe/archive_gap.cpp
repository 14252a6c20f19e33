// Debian 13's libelf.a (0.192) calls two functions of elfutils' own library libeu, which it does not hold and
// no package has as an archive. They keep the tree of what elf_rawchunk() was asked for, which libbpf never
// does: an empty tree is all that is needed. Weak, so that an archive that has them is taken.
struct search_tree {
  void* root;
};

extern "C" {
__attribute__((weak)) void eu_search_tree_init(search_tree* tree) { tree->root = nullptr; }
__attribute__((weak)) void eu_search_tree_fini(search_tree* /*tree*/, void (* /*free_node*/)(void*)) {}
}
