# Several files of that version's commands have private functions of one name: they cannot stand in one unit.
cmake_language(DEFER CALL set_target_properties dvsync_cli PROPERTIES UNITY_BUILD OFF)
