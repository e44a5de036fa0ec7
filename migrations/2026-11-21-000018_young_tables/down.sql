drop function analyze_young_tables();
