plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
    `maven-publish`
}

group = "io.github.pocketbert"
version = "0.1.0"

android {
    namespace = "io.github.pocketbert"
    compileSdk = 35
    ndkVersion = "27.2.12479018" // of version r27: earlier ones lack 16 KiB pages in their own parts

    defaultConfig {
        minSdk = 21
        consumerProguardFiles("consumer-rules.pro")
        ndk { abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64") }
        externalNativeBuild {
            cmake { arguments += listOf("-DANDROID_STL=c++_static", "-DANDROID_SUPPORT_FLEXIBLE_PAGE_SIZES=ON", "-DCMAKE_BUILD_TYPE=Release") }
        }
    }
    externalNativeBuild {
        cmake {
            path = file("src/main/cpp/CMakeLists.txt")
            version = "3.31.6" // from the SDK manager; pocketbert needs 3.25
        }
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
    publishing { singleVariant("release") { withSourcesJar() } }
}

kotlin {
    explicitApi()
    compilerOptions { jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_1_8 }
}

dependencies {
    // For Session.suspending() alone: whoever calls it has coroutines already, and nobody else gets them.
    compileOnly("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.9.0")
    testImplementation("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.9.0")
    testImplementation("junit:junit:4.13.2")
    testImplementation("com.google.code.gson:gson:2.13.2")
}

// The tests of src/test run the JNI library of this machine and the pocketbert command: platforms/android/build.sh test.
tasks.withType<Test>().configureEach { enabled = false }

publishing {
    publications {
        register<MavenPublication>("release") {
            artifactId = "pocketbert"
            pom {
                name = "pocketbert"
                description = "BERT-class text understanding on the device: intents, entities, answers, embeddings"
                licenses {
                    license {
                        name = "Apache-2.0"
                        url = "https://www.apache.org/licenses/LICENSE-2.0"
                    }
                }
            }
            afterEvaluate { from(components["release"]) }
        }
    }
}
