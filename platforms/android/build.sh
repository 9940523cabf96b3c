#!/bin/bash
# Builds and tests the Android library where there is neither an Android SDK nor an NDK: with Kotlin's compiler, D8, R8 and Android's
# framework as Maven's repository has them, and Debian's aapt2. Gradle, with SDK and NDK, builds the same sources (README.md).
#
#   platforms/android/build.sh test     the library's JUnit tests on this machine, with the JNI library built for it
#   platforms/android/build.sh sample   the sample application, tried with Android 14's framework (Robolectric)
#   platforms/android/build.sh aar      build/android/pocketbert-VERSION.aar and .pom
#   platforms/android/build.sh apk      build/android/sample.apk: the sample, shrunk by R8 with the library's own rules, signed for debugging
#   platforms/android/build.sh bionic   the class that runs the library for 64-bit ARM on Android 6's own libc (tests/android)
#   platforms/android/build.sh fetch    only what the first needs from Maven's repository
#
# The libraries in AAR and APK are those of toolchains/android.cmake: to be looked at and tried, not to be shipped.
# What is fetched lies in ~/.cache/pocketbert/android (POCKETBERT_ANDROID), what is built in build/android.

usage() { sed -n '5,10s/^# *//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
[ $# = 1 ] || usage

source "$(dirname "${BASH_SOURCE[0]}")/../../toolchains/steps.sh"

android=platforms/android
library=$android/pocketbert
sample=$android/sample/src
fetched=${POCKETBERT_ANDROID:-${XDG_CACHE_HOME:-$HOME/.cache}/pocketbert/android}
out=build/android
version=$(sed -n 's/^project(pocketbert VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
minimum_sdk=21
mkdir -p $out

# need PACKAGES TOOL…
need() {
  local packages=$1 tool
  shift
  for tool in "$@"; do
    command -v "$tool" >/dev/null || { echo "platforms/android: $tool: not found: apt-get install --no-install-recommends $packages" >&2; return 1; }
  done
}

# fetch PROFILE…: the class paths that tools/pom.xml names.
fetch() {
  local profile
  need 'default-jdk-headless maven' java javac jar mvn
  for profile in "$@"; do
    if [ ! -f "$fetched/$profile/complete" ] || [ $android/tools/pom.xml -nt "$fetched/$profile/complete" ]; then
      rm -rf "${fetched:?}/$profile"
      mvn -q -B -f $android/tools/pom.xml -P "$profile" dependency:copy-dependencies -DoutputDirectory="$fetched/$profile"
      touch "$fetched/$profile/complete"
    fi
  done
}

# class_path PROFILE…
class_path() {
  local profile
  for profile in "$@"; do printf '%s:' "$fetched/$profile"/*.jar; done
}

# stale FILE FOLDER…: FILE is not there, or older than something in the folders or than this script.
stale() {
  local file=$1
  shift
  [ ! -f "$file" ] || [ -n "$(find "$@" $android/build.sh -newer "$file" -print -quit)" ]
}

# kotlin JAR CLASSPATH SOURCE… [OPTION…]
kotlin() {
  local jar=$1 classes=$2
  shift 2
  java -cp "$(class_path kotlin)" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler -no-stdlib -no-reflect -Werror -jvm-target 1.8 \
    -cp "$classes" -d "$jar" "$@"
}

compile_library() {
  fetch kotlin library
  if stale $out/library.jar $library/src/main/kotlin; then
    # An application's Kotlin may be as old as the version before this one.
    kotlin $out/library.jar "$(class_path library)" $library/src/main/kotlin -Xexplicit-api=strict -module-name pocketbert \
      -language-version 2.2 -api-version 2.2
  fi
}

compile_tests() {
  fetch test
  if stale $out/tests.jar $library/src/test $out/library.jar; then
    local classes=$out/library.jar:$(class_path library test)
    rm -rf $out/tests
    mkdir -p $out/tests
    kotlin $out/tests.jar "$classes" $library/src/test/kotlin $library/src/test/java -Xfriend-paths=$out/library.jar
    javac -Xlint:all,-processing,-options,-classfile -Werror --release 8 -d $out/tests -cp "$out/tests.jar:$classes" \
      $library/src/test/java/io/github/pocketbert/*.java
    jar --update --file $out/tests.jar -C $out/tests .
  fi
}

# test_classes FOLDER…: those whose names end in Test.
test_classes() {
  find "$@" -name '*Test.kt' -o -name '*Test.java' | sed -E 's|.*/(io/github/.*)\.[a-z]+$|\1|; s|/|.|g' | sort
}

# The heap has one size and is touched at once, so that a process that grows does so outside of it.
run_tests() {
  # shellcheck disable=SC2046
  java -Xms256m -Xmx256m -XX:+UseSerialGC -XX:+AlwaysPreTouch -Xcheck:jni -Dpocketbert.root="$PWD" \
    -Dpocketbert.command="${POCKETBERT_COMMAND:-$PWD/build/release/pocketbert}" -Djava.library.path="$PWD/build/release" \
    -cp "$out/tests.jar:$out/library.jar:$(class_path library test)" org.junit.runner.JUnitCore $(test_classes $library/src/test)
}

# The APK's resources and assets, and R.java.
link_resources() {
  need 'aapt zipalign apksigner' aapt2 zipalign
  rm -rf $out/sample
  mkdir -p $out/sample/assets
  cp build/demo/intent.pbert $out/sample/assets/
  [ $command != sample ] || seq 10000 >$out/sample/assets/compressed.txt # for a test
  aapt2 compile --dir $sample/main/res -o $out/sample/resources.zip
  # Gradle takes the package from build.gradle.kts.
  sed 's|<manifest |<manifest package="io.github.pocketbert.sample" |' $sample/main/AndroidManifest.xml >$out/sample/AndroidManifest.xml
  aapt2 link -I "$fetched"/library/android-all-*.jar --manifest $out/sample/AndroidManifest.xml --java $out/sample/generated \
    --proguard $out/sample/rules.pro --min-sdk-version $minimum_sdk --target-sdk-version 34 --version-code 1 --version-name "$version" \
    -A $out/sample/assets -0 .pbert -o $out/sample/resources.apk $out/sample/resources.zip 2>&1 | { grep -v "Unknown chunk type" || true; }
  zipalign -f 4 $out/sample/resources.apk $out/sample/aligned.apk
}

compile_sample() {
  javac -Xlint:-options --release 8 -d $out/sample/r $out/sample/generated/io/github/pocketbert/sample/R.java
  kotlin $out/sample/sample.jar "$out/sample/r:$out/library.jar:$(class_path library)" $sample/main/kotlin -module-name sample
  jar --update --file $out/sample/sample.jar -C $out/sample/r .
}

compile_sample_tests() {
  fetch test robolectric framework
  local aar
  for aar in "$fetched"/robolectric/*.aar; do
    [ -f "${aar%.aar}.jar" ] || unzip -qp "$aar" classes.jar >"${aar%.aar}.jar"
  done
  kotlin $out/sample/tests.jar "$out/sample/sample.jar:$out/library.jar:$(class_path library test robolectric)" $sample/test/kotlin
  # How Robolectric is told of an application that Gradle did not build.
  mkdir -p $out/sample/config/com/android/tools
  printf '%s\n' "android_resource_apk=$PWD/$out/sample/aligned.apk" "android_merged_assets=$PWD/$out/sample/assets" \
    "android_merged_manifest=$PWD/$out/sample/AndroidManifest.xml" "android_custom_package=io.github.pocketbert.sample" \
    >$out/sample/config/com/android/tools/test_config.properties
}

run_sample_tests() {
  local open='' package
  for package in java.io java.lang java.util java.nio; do open="$open --add-opens=java.base/$package=ALL-UNNAMED"; done
  # shellcheck disable=SC2046,SC2086
  java -Xmx1g $open -Dpocketbert.demo="$PWD/build/demo/intent.pbert" -Dpocketbert.picture="$PWD/$out/sample.png" \
    -Drobolectric.offline=true -Drobolectric.dependency.dir="$fetched/framework" -Djava.library.path="$PWD/build/release" \
    -cp "$out/sample/config:$out/sample/tests.jar:$out/sample/sample.jar:$out/library.jar:$(class_path test robolectric library)" \
    org.junit.runner.JUnitCore $(test_classes $sample/test)
}

build_abis() {
  local abi
  toolchains/android/setup.sh
  for abi in arm64-v8a armeabi-v7a x86_64; do
    build android-$abi pocketbert_jni
    mkdir -p "$out/jni/$abi"
    llvm-strip-19 -o "$out/jni/$abi/libpocketbert_jni.so" build/android-$abi/libpocketbert_jni.so
  done
}

# The layout that https://developer.android.com/studio/projects/android-library#aar-contents documents.
pack_aar() {
  local folder=$out/aar
  rm -rf $folder
  mkdir -p $folder/META-INF/com/android/build/gradle
  sed "s|<manifest |<manifest package=\"io.github.pocketbert\" |; s|/>|><uses-sdk android:minSdkVersion=\"$minimum_sdk\" /></manifest>|" \
    $library/src/main/AndroidManifest.xml >$folder/AndroidManifest.xml
  cp $out/library.jar $folder/classes.jar
  cp $library/consumer-rules.pro $folder/proguard.txt
  cp -r $out/jni $folder/jni
  : >$folder/R.txt # there are no resources
  printf '%s\n' aarFormatVersion=1.0 aarMetadataVersion=1.0 minCompileSdk=1 >$folder/META-INF/com/android/build/gradle/aar-metadata.properties
  rm -f "$out/pocketbert-$version.aar"
  jar --create --no-manifest --file "$out/pocketbert-$version.aar" -C $folder .
  cat >"$out/pocketbert-$version.pom" <<END
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>io.github.pocketbert</groupId>
  <artifactId>pocketbert</artifactId>
  <version>$version</version>
  <packaging>aar</packaging>
  <dependencies>
    <dependency><groupId>org.jetbrains.kotlin</groupId><artifactId>kotlin-stdlib</artifactId><version>2.2.0</version><scope>compile</scope></dependency>
  </dependencies>
</project>
END
  echo "   $out/pocketbert-$version.aar: $(stat -c %s "$out/pocketbert-$version.aar") bytes"
}

pack_apk() {
  need 'aapt zipalign apksigner' apksigner
  fetch d8
  local apk=$out/sample/unaligned.apk key=$out/debug.keystore java
  java=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")") # has java.lang, which the framework's jar does not
  rm -rf $out/sample/apk
  mkdir -p $out/sample/apk/lib
  java -cp "$(class_path d8)" com.android.tools.r8.R8 --release --min-api $minimum_sdk --lib "$(echo "$fetched"/library/android-all-*.jar)" --lib "$java" --lib "$(echo "$fetched"/library/annotations-*.jar)" \
    --pg-conf $out/sample/rules.pro --pg-conf $library/consumer-rules.pro --pg-map-output $out/sample/mapping.txt \
    --output $out/sample/apk $out/sample/sample.jar $out/library.jar "$fetched"/library/kotlin-stdlib-*.jar 2>&1 | { grep -Ev "^Info|META-INF/MANIFEST.MF" || true; }
  cp -r $out/jni/* $out/sample/apk/lib/
  cp $out/sample/resources.apk $apk
  # Uncompressed, so that Android maps model and libraries where they lie.
  (cd $out/sample/apk && jar --update --no-compress --no-manifest --file ../unaligned.apk classes.dex lib)
  zipalign -p -f 4 $apk $out/sample/packed.apk
  [ -f $key ] || keytool -genkeypair -keystore $key -storepass android -keypass android -alias debug -dname CN=debug -keyalg RSA -validity 10000 2>/dev/null
  apksigner sign --ks $key --ks-pass pass:android --min-sdk-version $minimum_sdk --out $out/sample.apk $out/sample/packed.apk
  echo "   $out/sample.apk: $(stat -c %s $out/sample.apk) bytes, classes.dex $(stat -c %s $out/sample/apk/classes.dex)"
}

compile_bionic() {
  fetch bionic
  if stale $out/bionic/Bionic.class tests/android/Bionic.java; then
    javac -d $out/bionic -cp "$(class_path bionic)" tests/android/Bionic.java
  fi
  class_path bionic >$out/bionic/class_path
}

host() {
  step "Build: the JNI library for this machine" build release pocketbert_jni pocketbert_command
  step "Compile: the library" compile_library
}

compile_application() {
  step "Model" demo_model build/release/pocketbert build/demo/intent.pbert
  step "Resources" link_resources
  step "Compile: the sample" compile_sample
}

command=$1
case $command in
  fetch) step "Fetch" fetch kotlin library test ;;
  test)
    host
    step "Compile: the library's tests" compile_tests
    step "Test: the library" run_tests
    ;;
  sample)
    host
    compile_application
    step "Compile: the sample's tests" compile_sample_tests
    step "Test: the sample" run_sample_tests
    ;;
  aar)
    step "Compile: the library" compile_library
    step "Build: the JNI libraries" build_abis
    step "Package" pack_aar
    ;;
  apk)
    host
    step "Build: the JNI libraries" build_abis
    compile_application
    step "Package" pack_apk
    ;;
  bionic) step "Compile: the emulation" compile_bionic ;;
  *) usage ;;
esac
