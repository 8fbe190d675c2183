const NUMBERS = `
  abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees dexp dlog1 dlog10 exp floor ln log log10 mod pi pow power
  radians random round sign sin sqrt tan trunc`;

const TEXTS = `
  ascii bpcharcmp btrim bttext_pattern_cmp char_length character_length charindex chr collate concat crc32 difference
  func_sha1 initcap left len length lower lpad ltrim md5 octet_length octetindex position quote_ident quote_literal
  regexp_count regexp_instr regexp_replace regexp_substr repeat replace replicate reverse right rpad rtrim sha sha1 sha2
  soundex split_part strpos strtol substr substring textlen to_hex translate trim overlay upper
  from_hex to_varbyte from_varbyte getbit like_escape similar_to_escape`;

const TIMES = `
  add_months age convert_timezone current_date current_time current_timestamp date date_cmp date_cmp_timestamp
  date_cmp_timestamptz date_part date_part_year date_trunc dateadd datediff extract getdate interval_cmp last_day
  localtime localtimestamp months_between next_day now sysdate timeofday timestamp_cmp timestamp_cmp_date
  timestamp_cmp_timestamptz timestamptz_cmp timestamptz_cmp_date timestamptz_cmp_timestamp timezone to_timestamp
  transaction_timestamp statement_timestamp overlaps`;

const CONVERSIONS = `cast convert text_to_int_alt text_to_numeric_alt to_char to_date to_number try_cast`;

const NESTED = `
  array array_concat array_flatten get_array_length split_to_array subarray array_to_string
  can_json_parse is_valid_json is_valid_json_array json_array_length json_extract_array_element_text
  json_extract_path_text json_parse json_serialize json_serialize_to_varbyte json_size json_typeof object
  is_array is_bigint is_boolean is_char is_decimal is_float is_integer is_object is_scalar is_smallint is_varchar
  lower_attribute_names object_transform upper_attribute_names`;

const AGGREGATES = `
  any_value approximate avg bit_and bit_or bool_and bool_or count cume_dist dense_rank every first_value lag last_value
  lead listagg max median min nth_value ntile percent_rank percentile_cont percentile_disc rank ratio_to_report
  row_number stddev stddev_pop stddev_samp sum var_pop var_samp variance hll hll_cardinality hll_combine
  hll_create_sketch string_agg array_agg`;

const OTHERS = `
  coalesce decode fnv_hash farmfingerprint64 generate_series greatest least nullif nvl nvl2 current_user session_user
  user current_schema h3_fromlonglat st_area st_asgeojson st_astext st_aswkb st_aswkt st_buffer st_centroid st_contains
  st_distance st_distancesphere st_dwithin st_equals st_geogfromtext st_geomfromgeojson st_geomfromtext st_geomfromwkb
  st_intersects st_isvalid st_length st_makepoint st_npoints st_point st_setsrid st_srid st_touches st_within st_x st_y`;

const ALLOWED: ReadonlySet<string> = new Set(
  [NUMBERS, TEXTS, TIMES, CONVERSIONS, NESTED, AGGREGATES, OTHERS].join(' ').trim().split(/\s+/),
);

/**
 * Whether a statement may call the function. Names are those of a parsed statement, with or without `pg_catalog` before
 * them. Those of users, and whatever changes the session, waits, runs SQL of a text, reads files or shows what others have,
 * are not among them.
 */
export function isAllowedFunction(name: string): boolean {
  return ALLOWED.has(name.toLowerCase().replace(/^pg_catalog\./, ''));
}
